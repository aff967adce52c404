// The byte form of FineTuneTask.
#include <algorithm>
#include <cmath>
#include <utility>

#include "personal/byte_stream.h"
#include "personal/fine_tune_parts.h"
#include "smartsynch/personal/fine_tune_task.h"

namespace smartsynch {
namespace {

constexpr std::string_view kMark = "smartsynch-fine-tune-task-1";
constexpr std::size_t kMaxDimension = 8192;
constexpr std::size_t kMaxTaskCategories = 1200;
constexpr float kMaxValue = 1e6F;

tl::unexpected<Error> BadTask(const std::string& what) {
  return Fail(ErrorCode::kInvalidData, "fine-tuning task: " + what, "task");
}

void Write(const MemoryWeights& weights, ByteWriter& out) {
  for (const float value :
       {weights.slope, weights.threshold, weights.mean_share, weights.novelty_share}) {
    out.Float(value);
  }
}

void Write(const FineTuneRow& row, ByteWriter& out) {
  out.Count(row.sequence);
  out.Count(row.category);
  out.Int8s(row.full);
  out.Floats(row.full_logits);
  out.Int8s(row.instant);
  out.Floats(row.token_embedding);
  out.Floats(row.instant_logits);
}

bool AreNumbers(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::fabs(value) <= kMaxValue; });
}

MemoryWeights ReadWeights(ByteReader& in) {
  MemoryWeights weights;
  weights.slope = in.Float();
  weights.threshold = in.Float();
  weights.mean_share = in.Float();
  weights.novelty_share = in.Float();
  return weights;
}

Status ReadCategories(ByteReader& in, FineTuneTask& task) {
  const std::size_t count = in.Length(16);
  if (count == 0 || count > kMaxTaskCategories) return BadTask("not 1 to 1,200 categories");
  for (std::size_t c = 0; c < count; ++c) {
    TunedCategory category{std::string(in.Text()), {}};
    const std::size_t indexes = in.Length(8);
    for (std::size_t i = 0; i < indexes; ++i) {
      const std::uint64_t index = in.Count();
      if (index >= task.base_categories) return BadTask("a category joins one that the base lacks");
      category.base_indexes.push_back(static_cast<std::size_t>(index));
    }
    task.categories.push_back(std::move(category));
  }
  return {};
}

Status ReadRow(ByteReader& in, FineTuneTask& task) {
  FineTuneRow row;
  row.sequence = in.Count();
  const std::uint64_t category = in.Count();
  row.full = in.Int8s();
  row.full_logits = in.Floats();
  row.instant = in.Int8s();
  row.token_embedding = in.Floats();
  row.instant_logits = in.Floats();
  const std::string place = "row " + std::to_string(task.rows.size());
  if (!in.ok()) return BadTask(place + " is cut");
  if (category >= task.categories.size())
    return BadTask(place + " is in a category that is not there");
  row.category = static_cast<std::size_t>(category);
  const std::size_t outputs = task.base_categories + 1;
  const bool has_instant = task.instant_dimension > 0;
  if ((!row.full.empty() && row.full.size() != task.full_dimension) ||
      row.full_logits.size() != outputs || row.token_embedding.size() != task.instant_dimension ||
      row.instant_logits.size() != (has_instant ? outputs : 0) ||
      row.instant.size() > kMaxDimension) {
    return BadTask(place + " has lists of another length than expected");
  }
  if (!AreNumbers(row.full_logits) || !AreNumbers(row.token_embedding) ||
      !AreNumbers(row.instant_logits)) {
    return BadTask(place + " holds a value beyond 1,000,000");
  }
  task.rows.push_back(std::move(row));
  return {};
}

Status ReadChampion(ByteReader& in, FineTuneTask& task) {
  const std::string version(in.Text());
  const std::string_view bytes = in.Text();
  if (bytes.empty()) return {};
  Result<TunedHeads> heads = ParseTunedHeads(bytes);
  if (!heads) return tl::unexpected(heads.error());
  const auto fits = [](std::size_t input, std::size_t dimension) {
    return input == 0 || input == dimension;
  };
  const bool are_known =
      std::all_of(heads->categories.begin(), heads->categories.end(), [&](const auto& category) {
        const auto& known = task.categories;
        return std::find(known.begin(), known.end(), category) != known.end();
      });
  if (heads->base_version != task.base_version || !are_known ||
      !fits(heads->full.input, task.full_dimension) ||
      !fits(heads->instant.input, task.instant_dimension)) {
    return BadTask("the champion's heads belong to another model or log");
  }
  heads->version = version;
  task.champion = std::move(*heads);
  return {};
}

}  // namespace

Status CheckEnoughToFineTune(const FineTuneTask& task) {
  if (task.rows.size() >= kFewestToFineTune) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "fine-tuning needs " + std::to_string(kFewestToFineTune) +
                  " tasks that the user put in a category, the log holds " +
                  std::to_string(task.rows.size()),
              "log");
}

std::string SerializeFineTuneTask(const FineTuneTask& task) {
  return SerializeFineTuneTask(task,
                               task.champion ? SerializeTunedHeads(*task.champion) : std::string());
}

std::string SerializeFineTuneTask(const FineTuneTask& task, std::string_view champion_file) {
  ByteWriter out;
  out.Text(kMark);
  out.Text(task.base_version);
  out.Count(task.base_categories);
  out.Count(task.full_dimension);
  out.Count(task.instant_dimension);
  out.Count(task.has_open_set ? 1 : 0);
  out.Float(task.token_share);
  Write(task.instant_memory, out);
  Write(task.full_memory, out);
  out.Count(task.categories.size());
  for (const TunedCategory& category : task.categories) {
    out.Text(category.id);
    out.Count(category.base_indexes.size());
    for (const std::size_t index : category.base_indexes) out.Count(index);
  }
  out.Text(task.champion ? task.champion->version : std::string());
  out.Text(task.champion ? champion_file : std::string_view());
  out.Count(task.rows.size());
  for (const FineTuneRow& row : task.rows) Write(row, out);
  return out.Take();
}

Result<FineTuneTask> ParseFineTuneTask(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Text() != kMark) return BadTask("the bytes are none");
  FineTuneTask task;
  task.base_version = in.Text();
  const std::uint64_t base_categories = in.Count();
  const std::uint64_t full = in.Count();
  const std::uint64_t instant = in.Count();
  task.has_open_set = in.Count() != 0;
  task.token_share = in.Float();
  task.instant_memory = ReadWeights(in);
  task.full_memory = ReadWeights(in);
  if (!in.ok() || base_categories == 0 || base_categories > kMaxTaskCategories || full == 0 ||
      full > kMaxDimension || instant > kMaxDimension || !AreNumbers({task.token_share})) {
    return BadTask("a number at its start cannot be");
  }
  task.base_categories = static_cast<std::size_t>(base_categories);
  task.full_dimension = static_cast<std::size_t>(full);
  task.instant_dimension = static_cast<std::size_t>(instant);
  Status status = ReadCategories(in, task);
  if (status) status = ReadChampion(in, task);
  const std::size_t rows = status ? in.Length(std::size_t{7} * 8) : 0;
  for (std::size_t r = 0; r < rows && status; ++r) status = ReadRow(in, task);
  if (!status) return tl::unexpected(status.error());
  if (!in.ok()) return BadTask("the bytes are cut");
  if (!in.at_end()) return BadTask("the bytes go on after their end");
  if (status = CheckEnoughToFineTune(task); !status) return tl::unexpected(status.error());
  return task;
}

}  // namespace smartsynch
