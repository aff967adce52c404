// One thing a user did with a category: the unit of the feedback log. Its stored form is one line
// of JSON; data/README.md describes every field.
//
//   FeedbackEvent event;
//   event.kind = EventKind::kChanged;
//   event.time_ms = now;                       // injected: the core reads no clock
//   event.title = "Water the plants";
//   event.category_id = "home";
//   std::string line = ToJsonLine(event);
//
// Thread safety: plain values and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/engine/classifier.h"

namespace smartsynch {

enum class EventKind {
  kAccepted,            // "accepted": the category shown was kept
  kRejected,            // "rejected": the category shown was taken away, none chosen instead
  kChanged,             // "changed": the user put the task in this category by hand
  kCategoryAdded,       // "category_added": category_id, name
  kCategoryRenamed,     // "category_renamed": category_id, name
  kCategoryRecoloured,  // "category_recoloured": category_id, colour
  kCategoryMerged,      // "category_merged": category_id becomes part of target_id
  kCategoryRemoved,     // "category_removed": category_id
  kUndone,              // "undone": the event numbered `undoes` no longer counts
};

const char* EventKindName(EventKind kind);

struct ShownScore {
  std::string category_id;
  float confidence = 0.0F;  // calibrated, 0..1
};

// Who answered, while two versions are compared (personal/local_experiment.h).
enum class Arm { kChampion, kChallenger };

// "champion", "challenger".
const char* ArmName(Arm arm);

struct FeedbackEvent {
  std::uint64_t sequence = 0;  // from 1, ascending within a log; 0: not in a log yet
  EventKind kind = EventKind::kChanged;
  std::int64_t time_ms = 0;       // milliseconds since 1970, from the caller
  std::string model_version;      // which model was shown
  Tier tier = Tier::kFull;        // which tier was shown
  std::vector<ShownScore> shown;  // the suggestions on the screen, best first
  std::string experiment_id;      // the experiment that chose the model shown; may be empty
  Arm arm = Arm::kChampion;       // its arm; means nothing without experiment_id
  std::string task_id;            // the caller's own id of the task; may be empty
  std::string title;              // of accepted, rejected and changed
  std::string description;        // likewise
  std::string category_id;        // of every kind but undone
  std::string name;               // of added and renamed
  std::string colour;             // of recoloured: "#rrggbb", or empty for none
  std::string target_id;          // of merged
  std::uint64_t undoes = 0;       // of undone: a sequence number
  // The sentence embedding of title and description as a direction (personal/quantized_vector.h)
  // and the SHA-256 of the encoder that made it. Both empty until the encoder has run. The instant
  // tier's needs no encoder: replay computes it from the text, bit for bit.
  std::vector<std::int8_t> embedding;
  std::string encoder_sha256;
};

// True for the three kinds that are about a task.
bool IsAboutTask(EventKind kind);

// One line without its line break. Text that is not well-formed UTF-8 is repaired.
std::string ToJsonLine(const FeedbackEvent& event);

// Largest texts and lists an event may hold; more is refused with kResourceExhausted.
inline constexpr std::size_t kMaxEventTextBytes = std::size_t{1} << 16U;
inline constexpr std::size_t kMaxShownScores = 200;
inline constexpr std::size_t kMaxEmbeddingDimension = 4096;

// Strict: an unknown field, a missing one, another type or a value out of range fails with
// kInvalidData naming the field ("shown[1].confidence"). Fields with their default may be left out.
// The line number, counted from 1, goes into the message ("line 3: title is missing …").
Result<FeedbackEvent> ParseEventLine(std::string_view line, std::size_t line_number = 1);

}  // namespace smartsynch
