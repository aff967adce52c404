// What JavaScript sees of the core: registrations only. Types: smartsynch_core.d.ts; memory rules:
// README.md.
#include <emscripten/bind.h>

#include "session.h"

EMSCRIPTEN_BINDINGS(smartsynch_core) {
  using smartsynch::wasm::Session;

  emscripten::class_<Session>("Session")
      .constructor<>()
      .function("load", &Session::Load)
      .function("prepare", &Session::Prepare)
      .function("classifyInstant", &Session::ClassifyInstant)
      .function("classifyHidden", &Session::ClassifyHidden)
      .function("classifyHiddenBatch", &Session::ClassifyHiddenBatch)
      .function("embedding", &Session::Embedding)
      .function("categories", &Session::Categories)
      .function("addCategory", &Session::AddCategory)
      .function("modelInfo", &Session::ModelInfo);
}
