#include "smartsynch/personal/feedback_event.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "model/json_reader.h"
#include "personal/event_json.h"
#include "smartsynch/decide/category.h"
#include "smartsynch/personal/quantized_vector.h"

namespace smartsynch {
namespace {

using nlohmann::json;

struct KindName {
  EventKind kind;
  const char* name;
};
constexpr std::array<KindName, 9> kKinds = {
    {{EventKind::kAccepted, "accepted"},
     {EventKind::kRejected, "rejected"},
     {EventKind::kChanged, "changed"},
     {EventKind::kCategoryAdded, "category_added"},
     {EventKind::kCategoryRenamed, "category_renamed"},
     {EventKind::kCategoryRecoloured, "category_recoloured"},
     {EventKind::kCategoryMerged, "category_merged"},
     {EventKind::kCategoryRemoved, "category_removed"},
     {EventKind::kUndone, "undone"}}};

// Fields of each kind beside those that all have.
bool IsNeeded(EventKind kind, std::string_view field) {
  if (field == "undoes") return kind == EventKind::kUndone;
  if (field == "category_id") return kind != EventKind::kUndone;
  if (field == "title") return IsAboutTask(kind);
  if (field == "colour") return kind == EventKind::kCategoryRecoloured;
  if (field == "target_id") return kind == EventKind::kCategoryMerged;
  return field == "name" &&
         (kind == EventKind::kCategoryAdded || kind == EventKind::kCategoryRenamed);
}

// Reads members of one object and keeps the first complaint.
class LineReader {
 public:
  LineReader(const json& object, std::size_t line, std::string path = {})
      : object_(object), line_(line), path_(std::move(path)) {
    if (!object.is_object()) Complain("", "is not a JSON object");
  }

  void Text(const char* key, std::string& out, bool is_needed = false, bool may_be_empty = false) {
    const json* value = Find(key, is_needed);
    if (value == nullptr) return;
    if (!value->is_string()) return Complain(key, "is not a string");
    out = value->get<std::string>();
    if (is_needed && out.empty() && !may_be_empty) return Complain(key, "is empty");
    if (out.size() > kMaxEventTextBytes) {
      Complain(key, "is longer than " + std::to_string(kMaxEventTextBytes) + " bytes",
               ErrorCode::kResourceExhausted);
    }
  }
  void Number(const char* key, std::uint64_t& out, bool is_needed) {
    const json* value = Find(key, is_needed);
    if (value == nullptr) return;
    if (!value->is_number_unsigned()) return Complain(key, "is not a whole number");
    out = value->get<std::uint64_t>();
    // Beyond this a JavaScript reader would round it.
    constexpr std::uint64_t kLargest = (std::uint64_t{1} << 53U) - 1;
    if (out > kLargest) Complain(key, "is above 2^53 - 1");
  }
  void Share(const char* key, float& out) {
    const json* value = Find(key, true);
    if (value == nullptr) return;
    if (!value->is_number()) return Complain(key, "is not a number");
    out = value->get<float>();
    if (!(out >= 0.0F && out <= 1.0F)) Complain(key, "is not within 0 and 1");
  }
  const json* Find(const char* key, bool is_needed) {
    if (!status_) return nullptr;
    asked_.emplace_back(key);
    const auto found = object_.find(key);
    if (found != object_.end()) return &*found;
    if (is_needed) Complain(key, "is missing");
    return nullptr;
  }
  // Members that were not asked for.
  void RefuseOthers() {
    if (!status_) return;
    for (const auto& item : object_.items()) {
      if (std::find(asked_.begin(), asked_.end(), item.key()) == asked_.end()) {
        return Complain(item.key(), "is not a field of this event");
      }
    }
  }
  void Complain(const std::string& key, const std::string& what,
                ErrorCode code = ErrorCode::kInvalidData) {
    if (!status_) return;
    const std::string dot = path_.empty() || key.empty() ? "" : ".";
    const std::string field = path_ + dot + key;
    status_ = Fail(
        code, "line " + std::to_string(line_) + ": " + field + (field.empty() ? "" : " ") + what,
        field);
  }
  const Status& status() const { return status_; }

 private:
  const json& object_;
  std::size_t line_;
  std::string path_;
  std::vector<std::string_view> asked_;
  Status status_;
};

void ReadKind(LineReader& reader, FeedbackEvent& event) {
  std::string name;
  reader.Text("kind", name, true);
  const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                  [&](const KindName& entry) { return name == entry.name; });
  if (found == kKinds.end()) return reader.Complain("kind", "is \"" + name + "\", no known kind");
  event.kind = found->kind;
}

void ReadTier(LineReader& reader, FeedbackEvent& event) {
  std::string tier = "full";
  reader.Text("tier", tier);
  if (tier != "full" && tier != "instant") {
    return reader.Complain("tier", "is \"" + tier + "\", expected \"instant\" or \"full\"");
  }
  event.tier = tier == "full" ? Tier::kFull : Tier::kInstant;
}

void ReadShown(LineReader& reader, std::size_t line, FeedbackEvent& event, Status& status) {
  const json* list = reader.Find("shown", false);
  if (list == nullptr) return;
  if (!list->is_array()) return reader.Complain("shown", "is not a list");
  if (list->size() > kMaxShownScores) {
    return reader.Complain("shown", "has more than " + std::to_string(kMaxShownScores) + " entries",
                           ErrorCode::kResourceExhausted);
  }
  for (std::size_t i = 0; i < list->size() && status; ++i) {
    LineReader entry((*list)[i], line, "shown[" + std::to_string(i) + "]");
    ShownScore score;
    entry.Text("category_id", score.category_id, true);
    entry.Share("confidence", score.confidence);
    entry.RefuseOthers();
    status = entry.status();
    event.shown.push_back(std::move(score));
  }
}

void ReadArm(LineReader& reader, FeedbackEvent& event) {
  std::string arm;
  reader.Text("experiment_id", event.experiment_id);
  reader.Text("arm", arm);
  if (arm.empty() != event.experiment_id.empty()) {
    return reader.Complain("arm", "and experiment_id must stand together");
  }
  if (!arm.empty() && arm != ArmName(Arm::kChampion) && arm != ArmName(Arm::kChallenger)) {
    return reader.Complain("arm", "is \"" + arm + "\", expected \"champion\" or \"challenger\"");
  }
  event.arm = arm == ArmName(Arm::kChallenger) ? Arm::kChallenger : Arm::kChampion;
}

void ReadEmbedding(LineReader& reader, FeedbackEvent& event) {
  std::string text;
  reader.Text("embedding", text);
  reader.Text("encoder_sha256", event.encoder_sha256);
  if (text.empty() != event.encoder_sha256.empty()) {
    return reader.Complain("encoder_sha256", "and embedding must stand together");
  }
  Result<std::vector<std::int8_t>> values = DecodeBase64(text);
  if (!values) return reader.Complain("embedding", values.error().message);
  if (values->size() > kMaxEmbeddingDimension) {
    return reader.Complain("embedding", "has too many values", ErrorCode::kResourceExhausted);
  }
  event.embedding = std::move(*values);
}

}  // namespace

const char* EventKindName(EventKind kind) {
  for (const KindName& entry : kKinds) {
    if (entry.kind == kind) return entry.name;
  }
  return "changed";
}

const char* ArmName(Arm arm) { return arm == Arm::kChallenger ? "challenger" : "champion"; }

bool IsAboutTask(EventKind kind) {
  return kind == EventKind::kAccepted || kind == EventKind::kRejected ||
         kind == EventKind::kChanged;
}

std::string ToJsonLine(const FeedbackEvent& event) {
  // Written by hand: nlohmann's object would sort the fields, its ordered one costs 20 kB of code.
  const auto dump = [](const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
  };
  std::string line = "{\"sequence\":" + std::to_string(event.sequence);
  const auto add = [&](const char* key, const std::string& value) {
    line += std::string(",\"") + key + "\":" + value;
  };
  const auto add_text = [&](const char* key, const std::string& text) {
    if (!text.empty()) add(key, dump(text));
  };
  add_text("kind", EventKindName(event.kind));
  add("time_ms", std::to_string(event.time_ms));
  add_text("model_version", event.model_version);
  if (IsAboutTask(event.kind)) add_text("tier", TierName(event.tier));
  if (!event.shown.empty()) {
    std::string list;
    for (const ShownScore& score : event.shown) {
      list += std::string(list.empty() ? "" : ",") + "{\"category_id\":" + dump(score.category_id) +
              ",\"confidence\":" + dump(score.confidence) + "}";
    }
    add("shown", "[" + list + "]");
  }
  if (!event.experiment_id.empty()) {
    add_text("experiment_id", event.experiment_id);
    add_text("arm", ArmName(event.arm));
  }
  add_text("task_id", event.task_id);
  // A task may be all description.
  if (IsAboutTask(event.kind)) add("title", dump(event.title));
  add_text("description", event.description);
  add_text("category_id", event.category_id);
  add_text("name", event.name);
  if (event.kind == EventKind::kCategoryRecoloured) add("colour", dump(event.colour));
  add_text("target_id", event.target_id);
  if (event.undoes > 0) add("undoes", std::to_string(event.undoes));
  add_text("embedding", EncodeBase64(event.embedding));
  add_text("encoder_sha256", event.encoder_sha256);
  return line + "}";
}

Result<FeedbackEvent> ParseEventLine(std::string_view line, std::size_t line_number) {
  const auto object = ReadJson(line, kMaxEventNesting);
  if (!object) {
    return Fail(ErrorCode::kInvalidData,
                "line " + std::to_string(line_number) + ": " + object.error());
  }
  return ReadEvent(*object, line_number);
}

Result<FeedbackEvent> ReadEvent(const json& object, std::size_t line_number) {
  FeedbackEvent event;
  LineReader reader(object, line_number);
  reader.Number("sequence", event.sequence, false);
  ReadKind(reader, event);
  std::uint64_t time = 0;
  reader.Number("time_ms", time, true);
  event.time_ms = static_cast<std::int64_t>(time);
  reader.Text("model_version", event.model_version);
  ReadTier(reader, event);
  Status shown_status;
  ReadShown(reader, line_number, event, shown_status);
  ReadArm(reader, event);
  reader.Text("task_id", event.task_id);
  reader.Text("title", event.title, IsNeeded(event.kind, "title"), /*may_be_empty=*/true);
  reader.Text("description", event.description);
  reader.Text("category_id", event.category_id, IsNeeded(event.kind, "category_id"));
  reader.Text("name", event.name, IsNeeded(event.kind, "name"));
  reader.Text("colour", event.colour, IsNeeded(event.kind, "colour"), /*may_be_empty=*/true);
  if (!event.colour.empty() && !IsColour(event.colour)) {
    reader.Complain("colour", "is no colour, expected \"#rrggbb\" or nothing");
  }
  reader.Text("target_id", event.target_id, IsNeeded(event.kind, "target_id"));
  reader.Number("undoes", event.undoes, IsNeeded(event.kind, "undoes"));
  ReadEmbedding(reader, event);
  reader.RefuseOthers();
  if (!reader.status()) return tl::unexpected(reader.status().error());
  if (!shown_status) return tl::unexpected(shown_status.error());
  return event;
}

}  // namespace smartsynch
