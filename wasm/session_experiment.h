// Two versions compared on the user's own tasks; personal/local_experiment.h says more.
#pragma once

#include <emscripten/val.h>

#include <string>

#include "session.h"

namespace smartsynch::wasm {

// `experiment`: {id, share, alpha, leastGain, mostShown}, null ends it; `heads`: the challenger's,
// no bytes: the base is the challenger. While one runs, predictions have `experiment`: {id, arm},
// and a challenger's are not remembered. Answers modelInfo().
emscripten::val UseExperiment(Session& session, const emscripten::val& experiment,
                              const std::string& heads);

// Whose turn a task is by its key, or without one by its text: this arm answers cachedOrPrepared(),
// classifyInstant() and classifyHidden() from here on. Answers its name, null while none runs.
emscripten::val ChooseArm(Session& session, const std::string& title,
                          const std::string& description, const std::string& key);

// {champion: {shown, accepted}, challenger: {shown, accepted}, difference, low, high,
// logEvidence, verdict} so far; null while none runs.
emscripten::val Experiment(const Session& session);

}  // namespace smartsynch::wasm
