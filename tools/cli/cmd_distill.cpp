// distill: an encoder and texts in, a token table out.
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/cancel.h"
#include "cli/common.h"
#include "cli/data_input.h"
#include "cli/embed.h"
#include "cli/file.h"
#include "cli/locations.h"
#include "cli/progress.h"
#include "cli/training_set.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/distill/distill_table.h"
#include "smartsynch/model/token_table_file.h"
#include "smartsynch/text/task_text.h"

namespace smartsynch {
namespace {

using nlohmann::ordered_json;

// Longer texts say little about single tokens.
constexpr std::size_t kMaxTextTokens = 64;

struct DistillVerbOptions {
  EngineOptions engine;
  DistillOptions distill;
  std::vector<std::string> data;
  std::string out;
  bool json = false;
  bool strict = false;
};

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// "FILE" or "FILE#MEMBER"; a file whose name ends in .txt holds a text a line.
Status AppendTexts(const std::string& source, bool strict, std::vector<std::string>& texts) {
  if (source.ends_with(".txt")) {
    const Result<std::string> bytes = ReadFile(source);
    if (!bytes) return tl::unexpected(bytes.error());
    for (const std::string_view line : Lines(*bytes)) texts.push_back(JoinTaskText(line, {}));
    return {};
  }
  DatasetOptions reading;
  reading.require_category = false;
  std::string path = source;
  if (const std::size_t mark = source.rfind('#'); mark != std::string::npos) {
    path = source.substr(0, mark);
    reading.array = source.substr(mark + 1);
  }
  const Result<DataFile> file = LoadDataFile(path, reading, strict);
  if (!file) return tl::unexpected(file.error());
  for (const Sample& sample : file->samples) {
    if (sample.split == kCalibrationSplit) continue;
    texts.push_back(JoinTaskText(sample.title, sample.description));
  }
  return {};
}

Result<std::vector<float>> Embed(const char* label, Encoder& encoder,
                                 const std::vector<Encoding>& encodings) {
  ProgressBar bar(label);
  return EmbedAll(encoder, encodings, [&](std::size_t done, std::size_t total) {
    bar.Update(done, total);
    return !IsCancelled();
  });
}

// Every entry worth a row as a text of its own: [CLS] entry [SEP].
std::vector<Encoding> EncodeEntries(const WordPiece& tokenizer, std::string_view vocabulary) {
  const std::vector<std::int32_t> special = tokenizer.Encode("").ids;
  std::vector<Encoding> encodings;
  for (const std::string_view token : Lines(vocabulary)) {
    const auto id = static_cast<std::int32_t>(encodings.size());
    encodings.push_back({{special.front(), id, special.back()}, false, IsDistilledToken(token)});
  }
  return encodings;
}

struct DistillOutcome {
  DistilledTable distilled;
  std::string sha256;
  std::size_t texts = 0;
  std::size_t bytes = 0;
};

Result<DistillOutcome> Distill(const DistillVerbOptions& options) {
  std::vector<std::string> texts;
  for (const std::string& source : options.data) {
    if (Status status = AppendTexts(source, options.strict, texts); !status) {
      return tl::unexpected(status.error());
    }
  }
  const Result<WordPiece> tokenizer = LoadVocabulary(options.engine.vocabulary);
  if (!tokenizer) return tl::unexpected(tokenizer.error());
  const Result<std::string> vocabulary_path =
      options.engine.vocabulary.empty() ? DefaultVocabularyPath() : options.engine.vocabulary;
  if (!vocabulary_path) return tl::unexpected(vocabulary_path.error());
  const Result<std::string> vocabulary = ReadFile(*vocabulary_path);
  if (!vocabulary) return tl::unexpected(vocabulary.error());
  const Result<std::unique_ptr<OrtEncoder>> encoder = LoadEncoder(options.engine);
  if (!encoder) return tl::unexpected(encoder.error());

  DistillData data;
  data.encoder_dimension = (*encoder)->dimension();
  std::vector<Encoding> encodings;
  for (const std::string& text : texts) {
    Encoding encoding = tokenizer->Encode(text, kMaxTextTokens);
    if (encoding.has_known_token) encodings.push_back(std::move(encoding));
  }
  Result<std::vector<float>> targets = Embed("embedding texts", **encoder, encodings);
  if (!targets) return tl::unexpected(targets.error());
  data.targets = std::move(*targets);
  for (Encoding& encoding : encodings) data.texts.push_back(std::move(encoding.ids));
  Result<std::vector<float>> entries =
      Embed("embedding vocabulary", **encoder, EncodeEntries(*tokenizer, *vocabulary));
  if (!entries) return tl::unexpected(entries.error());
  data.entries = std::move(*entries);

  ProgressBar bar("distilling");
  Result<DistilledTable> distilled =
      DistillTable(data, options.distill, [&](const DistillEpoch& epoch, std::size_t epochs) {
        char note[64];
        std::snprintf(note, sizeof note, "held-out cosine %.4f", epoch.held_out_cosine);
        bar.Update(epoch.epoch, epochs, note);
        return !IsCancelled();
      });
  if (!distilled) return tl::unexpected(distilled.error());
  DistillOutcome outcome;
  outcome.texts = data.texts.size();
  outcome.distilled = std::move(*distilled);
  TokenTable& table = outcome.distilled.table;
  table.vocabulary_sha256 = tokenizer->vocabulary_sha256();
  table.encoder_sha256 = (*encoder)->sha256();
  const Result<std::string> bytes = SerializeTokenTable(table);
  if (!bytes) return tl::unexpected(bytes.error());
  outcome.sha256 = Sha256Hex(*bytes);
  outcome.bytes = bytes->size();
  if (Status status = WriteFileAtomically(options.out, *bytes); !status) {
    return tl::unexpected(status.error());
  }
  return outcome;
}

int DistillAndReport(const DistillVerbOptions& options) {
  CancelOnSignals();
  const Result<DistillOutcome> outcome = Distill(options);
  if (!outcome) return ReportFailure(outcome.error());
  const DistilledTable& distilled = outcome->distilled;
  double best = 0.0;
  ordered_json history = ordered_json::array();
  for (const DistillEpoch& epoch : distilled.history) {
    if (epoch.is_best) best = epoch.held_out_cosine;
    history.push_back({{"epoch", epoch.epoch},
                       {"train_cosine", epoch.train_cosine},
                       {"held_out_cosine", epoch.held_out_cosine},
                       {"is_best", epoch.is_best}});
  }
  if (options.json) {
    return PrintJson({{"out", options.out},
                      {"sha256", outcome->sha256},
                      {"bytes", outcome->bytes},
                      {"dimension", distilled.table.dimension},
                      {"bits", distilled.table.bits},
                      {"seed", distilled.table.seed},
                      {"rows", distilled.table.rows()},
                      {"used_rows", distilled.used_rows},
                      {"texts", outcome->texts},
                      {"explained_variance", distilled.explained},
                      {"held_out_cosine", best},
                      {"history", history}});
  }
  char text[512];
  std::snprintf(text, sizeof text,
                "wrote %s (%zu bytes, SHA-256 %.16s…)\n"
                "%zu rows of %zu values in %u bits, %zu of them used; %zu texts\n"
                "held-out cosine %.4f before training, %.4f after; the axes hold %.1f %% of the "
                "texts' variance\n",
                options.out.c_str(), outcome->bytes, outcome->sha256.c_str(),
                distilled.table.rows(), distilled.table.dimension, distilled.table.bits,
                distilled.used_rows, outcome->texts, distilled.history.front().held_out_cosine,
                best, 100.0 * distilled.explained);
  return PrintText(text);
}

}  // namespace

VerbAction DefineDistill(CLI::App& command) {
  const auto options = std::make_shared<DistillVerbOptions>();
  DistillOptions& distill = options->distill;
  command
      .add_option("--data", options->data,
                  "texts to learn from, repeatable: JSON, JSON Lines, CSV with a header, or .txt "
                  "with a text a line; FILE#MEMBER takes another member of a JSON document than "
                  "\"samples\". Rows of the split \"calibration\" are left out")
      ->required();
  command.add_option("--out", options->out, "file to write the table to")->required();
  command.add_option("--dimension", distill.dimension, "values a row, an even number")
      ->check(CLI::Range(2, 1024))
      ->capture_default_str();
  command.add_option("--bits", distill.bits, "of a value: 3, 4 or 8")
      ->check(CLI::IsMember({3, 4, 8}))
      ->capture_default_str();
  command.add_option("--epochs", distill.epochs, "at most; 0: no training on texts")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  command.add_option("--learning-rate", distill.learning_rate, "of the rows (AdaGrad)")
      ->check(Between(1e-6, 10.0))
      ->capture_default_str();
  command.add_option("--seed", distill.seed, "of everything random")->capture_default_str();
  AddEncoderOptions(command, options->engine);
  AddJsonFlag(command, options->json);
  AddStrictFlag(command, options->strict);
  return [options] { return DistillAndReport(*options); };
}

}  // namespace smartsynch
