// What JavaScript sees of the core: registrations only. Types: smartsynch_core.d.ts; memory rules:
// README.md.
#include <emscripten/bind.h>

#include "session.h"
#include "session_experiment.h"
#include "session_fine_tune.h"
#include "session_learning.h"

EMSCRIPTEN_BINDINGS(smartsynch_core) {
  namespace wasm = smartsynch::wasm;
  using wasm::Session;

  emscripten::class_<Session>("Session")
      .constructor<>()
      .function("load", &Session::Load)
      .function("takeModel", &Session::TakeModel)
      .function("takeVocabulary", &Session::TakeVocabulary)
      .function("takeTokenTable", &Session::TakeTokenTable)
      .function("start", &Session::Start)
      .function("prepare", &Session::Prepare)
      .function("classifyInstant", &Session::ClassifyInstant)
      .function("cachedOrPrepared", &Session::CachedOrPrepared)
      .function("setCacheBytes", &Session::SetCacheBytes)
      .function("cacheStatistics", &Session::CacheStatistics)
      .function("classifyHidden", &Session::ClassifyHidden)
      .function("classifyHiddenBatch", &Session::ClassifyHiddenBatch)
      .function("instantEmbedding", &Session::InstantEmbedding)
      .function("embedding", &Session::Embedding)
      .function("categories", &Session::Categories)
      .function("record", &wasm::Record)
      .function("addCategory", &wasm::AddCategory)
      .function("undo", &wasm::Undo)
      .function("findCategory", &wasm::FindCategory)
      .function("embedEvent", &wasm::EmbedEvent)
      .function("fillIn", &wasm::FillIn)
      .function("eventsWithoutEmbedding", &wasm::EventsWithoutEmbedding)
      .function("log", &wasm::Log)
      .function("loadLog", &wasm::LoadLog)
      .function("loadLogFrom", &wasm::LoadLogFrom)
      .function("needsSnapshot", &wasm::NeedsSnapshot)
      .function("takeSnapshot", &wasm::TakeSnapshot)
      .function("exportUserData", &wasm::ExportUserData)
      .function("importUserData", &wasm::ImportUserData)
      .function("forgetTask", &wasm::ForgetTask)
      .function("fineTuneTask", &wasm::FineTuneTask)
      .function("taughtSince", &wasm::TaughtSince)
      .function("useExperiment", &wasm::UseExperiment)
      .function("chooseArm", &wasm::ChooseArm)
      .function("experiment", &wasm::Experiment)
      .function("useHeads", &wasm::UseHeads)
      .function("modelInfo", &Session::ModelInfo);
}
