// What JavaScript sees of the core: registrations only. Types: smartsynch_core.d.ts; memory rules:
// README.md.
#include <emscripten/bind.h>

#include "session.h"

EMSCRIPTEN_BINDINGS(smartsynch_core) {
  using smartsynch::wasm::Session;

  emscripten::class_<Session>("Session")
      .constructor<>()
      .function("load", &Session::Load)
      .function("takeModel", &Session::TakeModel)
      .function("takeVocabulary", &Session::TakeVocabulary)
      .function("takeTokenTable", &Session::TakeTokenTable)
      .function("start", &Session::Start)
      .function("prepare", &Session::Prepare)
      .function("classifyInstant", &Session::ClassifyInstant)
      .function("cached", &Session::Cached)
      .function("setCacheBytes", &Session::SetCacheBytes)
      .function("cacheStatistics", &Session::CacheStatistics)
      .function("classifyHidden", &Session::ClassifyHidden)
      .function("classifyHiddenBatch", &Session::ClassifyHiddenBatch)
      .function("instantEmbedding", &Session::InstantEmbedding)
      .function("embedding", &Session::Embedding)
      .function("categories", &Session::Categories)
      .function("record", &Session::Record)
      .function("addCategory", &Session::AddCategory)
      .function("undo", &Session::Undo)
      .function("findCategory", &Session::FindCategory)
      .function("embedEvent", &Session::EmbedEvent)
      .function("fillIn", &Session::FillIn)
      .function("eventsWithoutEmbedding", &Session::EventsWithoutEmbedding)
      .function("log", &Session::Log)
      .function("loadLog", &Session::LoadLog)
      .function("loadLogFrom", &Session::LoadLogFrom)
      .function("needsSnapshot", &Session::NeedsSnapshot)
      .function("takeSnapshot", &Session::TakeSnapshot)
      .function("exportUserData", &Session::ExportUserData)
      .function("importUserData", &Session::ImportUserData)
      .function("forgetTask", &Session::ForgetTask)
      .function("fineTuneTask", &Session::FineTuneTask)
      .function("taughtSince", &Session::TaughtSince)
      .function("useExperiment", &Session::UseExperiment)
      .function("chooseArm", &Session::ChooseArm)
      .function("experiment", &Session::Experiment)
      .function("useHeads", &Session::UseHeads)
      .function("modelInfo", &Session::ModelInfo);
}
