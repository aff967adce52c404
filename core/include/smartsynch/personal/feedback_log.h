// The append-only record of what a user did. The personal model is a pure function of it
// (personal/personal_state.h), so a step is undone by leaving its event out of the replay.
//
//   FeedbackLog log;
//   log.Append(event);
//   std::string lines = log.ToJsonLines();      // for storage
//   std::string file = ToUserData(log);         // user_data.json, for people; data/README.md
//
// Only forgetting rewrites it: RemoveTask and RemoveAll take events out for good, and no byte of
// their text is left in what is written afterwards. Thread safety: one thread at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/personal/feedback_event.h"

namespace smartsynch {

inline constexpr std::size_t kMaxEvents = 100000;

class FeedbackLog {
 public:
  // Numbers the event, one above the highest so far, unless it has a number above that already, and
  // repairs its texts where they are not well-formed UTF-8.
  // Fails with kInvalidArgument for a number that is not, or for an undone event whose target does
  // not exist, is itself an undone event or was undone before; with kResourceExhausted at
  // kMaxEvents. A failure changes nothing.
  Result<FeedbackEvent> Append(FeedbackEvent event);

  const std::vector<FeedbackEvent>& events() const { return events_; }

  // The events that count, in order: without those undone and the undone events themselves.
  std::vector<const FeedbackEvent*> Effective() const;

  // Fills in an embedding that was not there when the event was made, or one of another encoder.
  // Fails with kNotFound for an unknown number and kInvalidArgument for an event without a task.
  Status SetEmbedding(std::uint64_t sequence, std::vector<std::int8_t> embedding,
                      std::string encoder_sha256);

  // Takes out every event about the task, and the undone events that point at them. Returns how
  // many went. Numbers are never used again.
  std::size_t RemoveTask(std::string_view task_id);
  void RemoveAll() { *this = FeedbackLog(); }

  // One event a line, each line ending in a line break. The same log gives the same bytes.
  std::string ToJsonLines() const;

  // Fails with kInvalidData naming line and field; an empty text is an empty log.
  static Result<FeedbackLog> FromJsonLines(std::string_view lines);

 private:
  const FeedbackEvent* Find(std::uint64_t sequence) const;
  bool IsUndone(std::uint64_t sequence) const;

  std::vector<FeedbackEvent> events_;
  std::uint64_t last_sequence_ = 0;
};

inline constexpr int kUserDataVersion = 1;

// user_data.json: {"format": "smartsynch-user-data", "version": 1, "events": [...]}, one event a
// line, so that it can be read and compared by people.
std::string ToUserData(const FeedbackLog& log);

// Fails with kInvalidData (field "format", "events[3].title") and kUnsupportedVersion.
Result<FeedbackLog> FromUserData(std::string_view text);

}  // namespace smartsynch
