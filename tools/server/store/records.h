// What the server keeps: feedback, model versions and experiments. Plain values, shared by every
// store (SQLite, PostgreSQL). Times are milliseconds since 1970 and come from the caller.
// Thread safety: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace smartsynch {

// One piece of feedback to be stored.
struct FeedbackRecord {
  std::string key;            // the client's idempotency key, 1 to 200 bytes
  std::int64_t time_ms = 0;   // when the server accepted it
  std::string user_key;       // for sticky assignment; may be empty; at most 200 bytes
  std::string experiment_id;  // both empty when no experiment was running
  std::string arm;
  std::string event;  // one line of JSON as ToJsonLine() of personal/feedback_event.h writes it
  // What the experiment counts: whether the category shown was kept. Ignored without an experiment.
  bool accepted = false;
};

struct StoredFeedback {
  std::uint64_t sequence = 0;  // from 1, ascending in the order of storing; gaps are allowed
  FeedbackRecord record;
};

// What became of one record of AppendFeedback().
struct AppendResult {
  enum class Outcome {
    kStored,    // durable in the store, for the first time
    kRepeated,  // the same record was stored before; nothing was added
    kConflict,  // the key was used before for another event; nothing was added
    kSpooled,   // durable on this machine's disk; delivered when the store is back
  };
  Outcome outcome = Outcome::kStored;
  std::uint64_t sequence = 0;  // 0 when spooled
};

struct ModelVersion {
  std::string version = {};  // first 16 hexadecimal digits of sha256
  std::string sha256 = {};   // of the file, 64 digits
  std::uint64_t bytes = 0;
  std::string parent = {};  // the version it was trained from; may be empty
  std::string source = {};  // how it came here: "upload", "fine-tune", "base"; at most 200 bytes
  std::string lineage =
      {};  // one JSON object (training data hash, feedback range, metrics) or empty
  std::int64_t added_ms = 0;
};

// One change of the version that answers. The numbers grow by one with every activation.
struct Activation {
  std::uint64_t number = 0;
  std::string version;
  std::int64_t time_ms = 0;
  std::string reason;  // such as "activated", "rolled back", "promoted by experiment e1"
};

enum class ExperimentState {
  kRunning,   // "running": users are assigned and outcomes counted
  kPromoted,  // "promoted": ended, its winner was activated
  kStopped,   // "stopped": ended without a change
};

const char* ExperimentStateName(ExperimentState state);

struct ExperimentArm {
  std::string name;           // 1 to 64 bytes; the first arm is the champion
  std::string model_version;  // which version answers
  std::uint32_t weight = 1;   // relative share of the users, 0 to 10000; not all zero
};

inline constexpr std::uint32_t kUserSlices = 1000;

struct Experiment {
  std::string id;    // 1 to 64 bytes of a-z, 0-9, - and _
  std::string name;  // for people; at most 200 bytes
  ExperimentState state = ExperimentState::kRunning;
  std::vector<ExperimentArm> arms;  // 2 to 16
  // Which users take part: those in [first_slice, first_slice + slices) of kUserSlices equal parts.
  // Slices of running experiments never overlap, so nobody is in two.
  std::uint32_t first_slice = 0;
  std::uint32_t slices = 1000;
  std::string winner;  // an arm's name once promoted, else empty
  std::int64_t created_ms = 0;
  std::int64_t changed_ms = 0;
};

// One attempt to learn from the feedback.
struct LearningRun {
  std::uint64_t number = 0;  // from 1, ascending; given by the store
  std::int64_t started_ms = 0;
  std::int64_t ended_ms = 0;
  std::string outcome;              // "activated", "registered" or "refused"
  std::string reason;               // one sentence with the figures; at most 1000 bytes
  std::string champion;             // the version that the challenger was judged against
  std::string challenger;           // the version added; empty when refused
  std::uint64_t last_sequence = 0;  // of the newest feedback that was looked at
  std::string details;              // one JSON object: rows, hashes, figures
};

// A model that has won against the champion of its run.
struct Challenger {
  ModelVersion model;
  std::string bytes;
  std::string heads;  // as SerializeTunedHeads() writes them: what the next run is judged against
};

// Feedback counted for one arm: how often a category was shown and how often it was kept.
struct ArmCount {
  std::string arm;
  std::uint64_t shown = 0;
  std::uint64_t accepted = 0;
};

}  // namespace smartsynch
