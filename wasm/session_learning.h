// What a session learns from its user; personal/personal_classifier.h says more. Numbers of events
// and times are JavaScript numbers, whole and below 2^53. An event is one line of JSON, as
// data/README.md describes it.
#pragma once

#include <emscripten/val.h>

#include <cstddef>
#include <string>

#include "session.h"

namespace smartsynch::wasm {

// Appends an event given without "sequence"; answers the line as it stands in the log.
emscripten::val Record(Session& session, const std::string& line);

// Appends category_added; answers {id, name, line}. Fails with kInvalidArgument as
// CheckCategoryName() says and kAlreadyExists for a name that only differs in case or accents.
emscripten::val AddCategory(Session& session, const std::string& name, double time_ms);

// Appends undone; answers its line.
emscripten::val Undo(Session& session, double sequence, double time_ms);

// {id, name} of a category by its id or name.
emscripten::val FindCategory(const Session& session, const std::string& id_or_name);

// Fills in an event's embedding from the encoder's output [tokens, dimension], or from the same
// event's line of another session; answers the line.
emscripten::val EmbedEvent(Session& session, double sequence, const emscripten::val& hidden,
                           std::size_t tokens);
emscripten::val FillIn(Session& session, const std::string& line);

// [{sequence, title, description}] of the events that have no embedding of this model's encoder.
emscripten::val EventsWithoutEmbedding(const Session& session);

// The whole log as JSON Lines, and a log in place of the one there is; answers modelInfo().
emscripten::val Log(const Session& session);
emscripten::val LoadLog(Session& session, const std::string& lines);

// The same from a snapshot, of which an empty or unfit one is as good as none
// (personal/snapshot.h); answers whether it was of use. Then whether one is due, and one of now.
emscripten::val LoadLogFrom(Session& session, const std::string& lines,
                            const std::string& snapshot);
emscripten::val NeedsSnapshot(const Session& session);
emscripten::val TakeSnapshot(Session& session);

// The same as user_data.json.
emscripten::val ExportUserData(const Session& session);
emscripten::val ImportUserData(Session& session, const std::string& text);

// Takes a task's events out of the log for good; answers how many.
emscripten::val ForgetTask(Session& session, const std::string& task_id);

}  // namespace smartsynch::wasm
