// Layout: magic, format version, what it was made of, the state, SHA-256 of all before. Numbers are
// eight bytes, low byte first; a text is its length and its bytes.
#include "smartsynch/personal/snapshot.h"

#include <algorithm>
#include <set>
#include <utility>

#include "personal/byte_stream.h"
#include "smartsynch/base/hash.h"

namespace smartsynch {
namespace {

constexpr std::string_view kMagic = "smartsynch-snapshot\n";
// Raised with the layout and with whatever changes the directions that a text gives.
constexpr std::uint64_t kSnapshotFormatVersion = 2;
constexpr std::size_t kStateHashDigits = 64;

// Bound member by member, so that one added later cannot be forgotten here. Not as JSON: writing
// that takes as long as reading a title.
void WriteEvent(const FeedbackEvent& event, ByteWriter& out) {
  const auto& [sequence, kind, time_ms, model_version, tier, shown, experiment_id, arm, task_id,
               title, description, category_id, name, colour, target_id, undoes, embedding,
               encoder_sha256] = event;
  out.Count(sequence);
  out.Count(static_cast<std::uint64_t>(kind));
  out.Count(static_cast<std::uint64_t>(time_ms));
  out.Count(static_cast<std::uint64_t>(tier));
  out.Count(static_cast<std::uint64_t>(arm));
  out.Count(undoes);
  out.Count(shown.size());
  for (const auto& [shown_id, confidence] : shown) {
    out.Text(shown_id);
    out.Float(confidence);
  }
  for (const std::string* text : {&model_version, &experiment_id, &task_id, &title, &description,
                                  &category_id, &name, &colour, &target_id, &encoder_sha256}) {
    out.Text(*text);
  }
  out.Int8s(embedding);
}

// Event by event, so that a long log needs no second copy of itself.
std::string LogSha256(const FeedbackLog& log, std::size_t events) {
  std::string digest;
  for (std::size_t i = 0; i < events; ++i) {
    ByteWriter out;
    out.Text(digest);
    WriteEvent(log.events()[i], out);
    digest = Sha256Hex(out.Take());
  }
  return digest;
}

void WriteState(const PersonalState::Parts& parts, ByteWriter& out) {
  out.Count(parts.categories.size());
  for (const PersonalCategory& entry : parts.categories) {
    out.Text(entry.category.id);
    out.Text(entry.category.name);
    out.Text(entry.colour);
    out.Count(entry.is_added ? 1 : 0);
    out.Count(entry.base_indexes.size());
    for (const std::size_t index : entry.base_indexes) out.Count(index);
  }
  out.Count(parts.retired.size());
  for (const Category& category : parts.retired) {
    out.Text(category.id);
    out.Text(category.name);
  }
  out.Count(parts.exemplars.size());
  for (const Exemplar& exemplar : parts.exemplars) {
    out.Count(exemplar.key);
    out.Text(exemplar.category_id);
    out.Int8s(exemplar.instant);
    out.Int8s(exemplar.full);
    out.Count(exemplar.sequence);
  }
  out.Count(parts.rejections.size());
  for (const Rejection& rejection : parts.rejections) {
    out.Count(rejection.key);
    out.Text(rejection.category_id);
  }
}

PersonalState::Parts ReadState(ByteReader& in) {
  PersonalState::Parts parts;
  for (std::size_t left = in.Length(40); in.ok() && left > 0; --left) {
    PersonalCategory entry;
    entry.category.id = in.Text();
    entry.category.name = in.Text();
    entry.colour = in.Text();
    entry.is_added = in.Count() != 0;
    for (std::size_t more = in.Length(8); more > 0; --more) {
      entry.base_indexes.push_back(static_cast<std::size_t>(in.Count()));
    }
    parts.categories.push_back(std::move(entry));
  }
  for (std::size_t left = in.Length(16); in.ok() && left > 0; --left) {
    Category category;
    category.id = in.Text();
    category.name = in.Text();
    parts.retired.push_back(std::move(category));
  }
  for (std::size_t left = in.Length(40); in.ok() && left > 0; --left) {
    Exemplar exemplar;
    exemplar.key = in.Count();
    exemplar.category_id = in.Text();
    exemplar.instant = in.Int8s();
    exemplar.full = in.Int8s();
    exemplar.sequence = in.Count();
    parts.exemplars.push_back(std::move(exemplar));
  }
  for (std::size_t left = in.Length(16); in.ok() && left > 0; --left) {
    Rejection rejection;
    rejection.key = in.Count();
    rejection.category_id = in.Text();
    parts.rejections.push_back(std::move(rejection));
  }
  return parts;
}

// Whether a classifier can look everything up that the state names.
bool IsWhole(const PersonalState::Parts& parts, const Model& model) {
  std::set<std::string_view> ids;
  for (const PersonalCategory& entry : parts.categories) {
    if (!ids.insert(entry.category.id).second) return false;
    for (const std::size_t index : entry.base_indexes) {
      if (index >= model.categories.size()) return false;
    }
  }
  const auto is_known = [&](const auto& entry) { return ids.count(entry.category_id) > 0; };
  return std::all_of(parts.exemplars.begin(), parts.exemplars.end(), is_known) &&
         std::all_of(parts.rejections.begin(), parts.rejections.end(), is_known);
}

tl::unexpected<Error> BadSnapshot(ErrorCode code, std::string what, std::string field) {
  return Fail(code, "the snapshot " + std::move(what), std::move(field));
}

}  // namespace

std::string SerializeSnapshot(const PersonalState& state, const FeedbackLog& log,
                              const Model& model) {
  const std::size_t events = log.events().size();
  ByteWriter out;
  out.Count(kSnapshotFormatVersion);
  out.Text(model.version);
  out.Count(events);
  out.Text(LogSha256(log, events));
  WriteState(state.parts(), out);
  const std::string bytes = std::string(kMagic) + out.Take();
  return bytes + Sha256Hex(bytes);
}

Result<Snapshot> ParseSnapshot(std::string_view bytes, const FeedbackLog& log, const Model& model) {
  const auto damaged = [](const char* what) {
    return BadSnapshot(ErrorCode::kInvalidData, what, "snapshot");
  };
  if (bytes.size() < kMagic.size() + kStateHashDigits || bytes.substr(0, kMagic.size()) != kMagic) {
    return damaged("does not begin as one");
  }
  const std::string_view content = bytes.substr(0, bytes.size() - kStateHashDigits);
  if (Sha256Hex(content) != bytes.substr(content.size())) {
    return damaged("is damaged: its SHA-256 is another one");
  }
  ByteReader in(content.substr(kMagic.size()));
  if (const std::uint64_t version = in.Count(); version != kSnapshotFormatVersion) {
    return BadSnapshot(ErrorCode::kUnsupportedVersion,
                       "has the format version " + std::to_string(version) + ", this build reads " +
                           std::to_string(kSnapshotFormatVersion),
                       "snapshot");
  }
  if (const std::string base(in.Text()); base != model.version) {
    return BadSnapshot(
        ErrorCode::kIncompatible,
        "was taken with the model " + base + ", the model loaded is " + model.version, "base");
  }
  const std::uint64_t events = in.Count();
  const std::string_view log_sha256 = in.Text();
  if (events == 0 || events > log.events().size() ||
      LogSha256(log, static_cast<std::size_t>(events)) != log_sha256) {
    return BadSnapshot(ErrorCode::kIncompatible,
                       "is of another log, or of one whose first " + std::to_string(events) +
                           " events were others",
                       "log");
  }
  const auto count = static_cast<std::size_t>(events);
  const std::uint64_t last = log.events()[count - 1].sequence;
  for (std::size_t i = count; i < log.events().size(); ++i) {
    const FeedbackEvent& event = log.events()[i];
    if (event.kind == EventKind::kUndone && event.undoes <= last) {
      return BadSnapshot(ErrorCode::kIncompatible,
                         "holds event " + std::to_string(event.undoes) + ", which was undone later",
                         "undoes");
    }
  }
  PersonalState::Parts parts = ReadState(in);
  if (!(in.ok() && in.at_end()) || !IsWhole(parts, model)) return damaged("holds no whole state");
  return Snapshot{count, PersonalState(std::move(parts))};
}

}  // namespace smartsynch
