// A session's part in fine-tuning; the training is a module of its own (fine_tune_module.cpp).
#pragma once

#include <emscripten/val.h>

#include <string>

#include "session.h"

namespace smartsynch::wasm {

// What the training works with, as bytes.
emscripten::val FineTuneTask(const Session& session);

// {count, last}: the events about a task after `sequence` and the log's last sequence.
emscripten::val TaughtSince(const Session& session, double sequence);

// Personal heads answer from here on; no bytes: the base again. Answers modelInfo().
emscripten::val UseHeads(Session& session, const std::string& heads);

}  // namespace smartsynch::wasm
