// prepare: is a data set fit to train on? Cleans it, finds what repeats or contradicts itself,
// reports its balance, and splits it.
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/cancel.h"
#include "cli/common.h"
#include "cli/data_input.h"
#include "cli/file.h"
#include "cli/prepared_data.h"
#include "smartsynch/learn/split.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

constexpr double kMaxOpeningShare = 0.01;
constexpr int kOpenSetGroup = -1;

struct PrepareOptions {
  std::string data;
  std::vector<std::string> open_set;
  std::vector<std::string> evaluation;
  bool embedding = false;
  EmbeddingChecks checks;
  std::string array = "samples";
  std::string out;
  std::uint64_t seed = 1;
  double validation = 0.15;
  bool json = false;
  bool strict = false;
};

// White space and control characters become single spaces (the tokenizer sees no difference), none
// at either end.
std::string Tidy(std::string_view text) {
  std::string tidy;
  bool space = false;
  for (std::size_t position = 0; position < text.size();) {
    const char32_t c = DecodeUtf8(text, position);
    if (c <= 0x20 || (c >= 0x7F && c <= 0xA0)) {
      space = !tidy.empty();
      continue;
    }
    if (space) tidy.push_back(' ');
    space = false;
    AppendUtf8(c, tidy);
  }
  return tidy;
}

Status ReadInto(const std::string& path, const DatasetOptions& reading, bool strict,
                SourcedSamples& data, std::size_t& malformed) {
  Result<DataFile> file = LoadDataFile(path, reading, strict);
  if (!file) return tl::unexpected(file.error());
  malformed += file->malformed;
  for (Sample& sample : file->samples) {
    sample.title = Tidy(sample.title);
    sample.description = Tidy(sample.description);
    data.samples.push_back(std::move(sample));
    data.files.push_back(path);
  }
  return {};
}

Status ReadFiles(const PrepareOptions& options, PreparedData& prepared) {
  DatasetOptions reading;
  reading.array = options.array;
  SourcedSamples& data = prepared.data;
  if (Status status = ReadInto(options.data, reading, options.strict, data, prepared.malformed);
      !status) {
    return status;
  }
  prepared.categorised = data.samples.size();
  reading.require_category = false;
  for (const std::string& path : options.open_set) {
    if (Status status = ReadInto(path, reading, options.strict, data, prepared.malformed);
        !status) {
      return status;
    }
  }
  for (std::size_t i = prepared.categorised; i < data.samples.size(); ++i) {
    data.samples[i].category.clear();
  }
  if (options.evaluation.empty()) return {};
  SourcedSamples evaluation;
  for (const std::string& path : options.evaluation) {
    if (Status status = ReadInto(path, reading, options.strict, evaluation, prepared.malformed);
        !status) {
      return status;
    }
  }
  prepared.overlap = FindEvaluationOverlap(data.samples, std::move(evaluation));
  return {};
}

// Twice is no habit, however small the data set.
bool IsCrowded(const Opening& opening, const PreparedData& prepared) {
  return opening.count > 2 && prepared.OpeningShare(opening) > kMaxOpeningShare;
}

Status WriteSplit(const PrepareOptions& options, PreparedData& prepared) {
  std::vector<std::size_t> kept;
  std::vector<int> labels;
  std::map<std::string, int> label_of;
  std::size_t next_redundant = 0;
  for (std::size_t i = 0; i < prepared.data.samples.size(); ++i) {
    if (next_redundant < prepared.redundant.size() && prepared.redundant[next_redundant] == i) {
      ++next_redundant;
      continue;
    }
    const bool has_category = i < prepared.categorised;
    const auto number = static_cast<int>(label_of.size());
    kept.push_back(i);
    labels.push_back(
        has_category ? label_of.try_emplace(prepared.data.samples[i].category, number).first->second
                     : kOpenSetGroup);
  }
  const std::vector<bool> held_out = StratifiedHoldout(labels, options.validation, options.seed);
  std::map<std::string, std::string> files;
  for (std::size_t k = 0; k < kept.size(); ++k) {
    const std::string part = held_out[k] ? "validation.jsonl" : "train.jsonl";
    const std::string prefix = kept[k] < prepared.categorised ? "" : "open_set_";
    files[prefix + part] += SampleToJsonLine(prepared.data.samples[kept[k]]);
    ++(held_out[k] ? prepared.validation : prepared.train);
  }
  if (options.out.empty()) return {};
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) {
    return Fail(ErrorCode::kIo, "cannot make the folder " + options.out + ": " + error.message(),
                "--out");
  }
  for (const auto& [name, content] : files) {
    const std::string path = (std::filesystem::path(options.out) / name).string();
    if (Status status = WriteFileAtomically(path, content); !status) return status;
  }
  return {};
}

int Prepare(const PrepareOptions& options) {
  PreparedData prepared;
  if (Status status = ReadFiles(options, prepared); !status) return ReportFailure(status.error());
  prepared.duplicates = FindDuplicates(prepared.data.samples);
  prepared.redundant = RedundantSamples(prepared.duplicates);
  for (const Opening& opening : prepared.duplicates.openings) {
    prepared.crowded_openings += IsCrowded(opening, prepared) ? 1 : 0;
  }
  if (options.embedding) {
    CancelOnSignals();
    EmbeddingChecks checks = options.checks;
    checks.validation.seed = options.seed;
    Result<EmbeddingFindings> findings = CheckEmbeddings(prepared, checks);
    if (!findings) return ReportFailure(findings.error());
    prepared.embedding = std::move(*findings);
  }
  if (Status status = WriteSplit(options, prepared); !status) return ReportFailure(status.error());
  const ordered_json report = PreparedToJson(prepared);
  const int printed = options.json ? PrintJson(report) : PrintText(PreparedToText(report));
  if (printed != kExitSuccess) return printed;
  if (options.strict && prepared.Problems() > 0) {
    return ReportFailure({ErrorCode::kInvalidData,
                          std::to_string(prepared.Problems()) + " problems in the data (--strict)",
                          "--data"});
  }
  return kExitSuccess;
}

}  // namespace

VerbAction DefinePrepare(CLI::App& command) {
  auto options = std::make_shared<PrepareOptions>();
  command
      .add_option("--data", options->data,
                  "labelled samples: JSON, JSON Lines or CSV (\"-\": standard input)")
      ->required();
  command.add_option("--open-set", options->open_set,
                     "files of samples that belong to no category, whatever their label");
  command.add_option("--out", options->out,
                     "folder to write train.jsonl and validation.jsonl to (with --open-set also "
                     "open_set_train.jsonl and open_set_validation.jsonl), without duplicates and "
                     "without texts that have two categories");
  command
      .add_option("--validation", options->validation,
                  "share of each category held out for validation (default: 0.15)")
      ->check(Between(0.0, 1.0));
  command.add_option("--evaluation", options->evaluation,
                     "files that models are evaluated on: lists the samples that are also in the "
                     "data, and those that share many words with one");
  command.add_flag("--embedding", options->embedding,
                   "run the sentence encoder: lists near-duplicates, and samples that "
                   "cross-validation disagrees with");
  command
      .add_option("--near", options->checks.threshold,
                  "with --embedding: least cosine of near-duplicates")
      ->check(Between(0.01, 1.0))
      ->capture_default_str();
  command
      .add_option("--folds", options->checks.validation.folds,
                  "with --embedding: parts, each held out once")
      ->check(CLI::Range(2, 100))
      ->capture_default_str();
  command.add_option("--seed", options->seed, "of the split and the folds (default: 1)");
  AddEncoderOptions(command, options->checks.engine);
  AddArrayOption(command, options->array);
  AddJsonFlag(command, options->json);
  command.add_flag("--strict", options->strict,
                   "fail if there is a malformed row (at the first one), a duplicate, a conflict, "
                   "a similar pair, an opening used too often, overlap with --evaluation or a "
                   "near-duplicate of another category");
  return [options] { return Prepare(*options); };
}

}  // namespace smartsynch
