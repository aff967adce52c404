// Reads labelled tasks from bytes, in one of three formats that are told apart by their content:
//
//   JSON        {"samples": [{"title": "Fix login", "category": "Development"}, ...]}
//   JSON Lines  one such object a line
//   CSV         RFC 4180 with a header line: title,category (quotes, line breaks inside quotes, a
//               byte order mark, CRLF, LF and CR are understood; the first comma, semicolon or tab
//               outside quotes is the separator)
//
// Field names: `title` (or `text`), `description`, `label` (or `category`), `confidence` (0..1, the
// sample's weight, 1 when absent), `lang` (or `language`), `style`, `split`. Of two names for one
// thing the first one given here counts. Other fields are ignored. A sample may also be written
// ["text", "label"].
//
//   DatasetReader reader;
//   while (ReadChunk(&bytes)) {
//     reader.Feed(bytes);
//     while (std::optional<DatasetRow> row = reader.Next()) Use(*row);
//   }
//   reader.Finish();
//   while (std::optional<DatasetRow> row = reader.Next()) Use(*row);
//
// Nothing fails as a whole: a malformed row is a RowError between the good ones, and a document
// that cannot be read on is one more RowError, after which no row follows. Memory: what was fed and
// not yet taken by Next(), plus at most one row (DatasetOptions::max_row_bytes).
// Thread safety: one thread at a time per reader.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace smartsynch {

struct Sample {
  std::string title;  // well-formed UTF-8, as everything here
  std::string description;
  std::string category;  // empty only where DatasetOptions::require_category is false
  float weight = 1;      // the row's `confidence`: 0..1
  std::size_t line = 0;  // where the row begins, counted from 1
  std::string language;  // the row's `lang`; empty when it has none
  std::string style;     // the row's `style`, such as "terse"; empty when it has none
  std::string split;     // the row's `split`; "calibration": see TrainingData::calibration_rows
};

// What is wrong with one row.
struct RowError {
  std::size_t line = 0;  // where the row begins, counted from 1
  // The field's name, or "row" when no single field is to blame; in a JSON document the path to it,
  // "samples[3].title" or "samples[3]", counted from 0.
  std::string field;
  std::string message;  // what was found and what was expected
};

// "data.csv:12: confidence: found "high", expected a number from 0 to 1"
std::string FormatRowError(std::string_view source, const RowError& error);

struct DatasetRow {
  tl::expected<Sample, RowError> sample;
  // What was repaired in a good row: bytes that are not UTF-8, half a surrogate pair.
  std::vector<RowError> warnings;
};

enum class DatasetFormat { kUnknown, kJson, kJsonLines, kCsv };
const char* DatasetFormatName(DatasetFormat format);  // "JSON", "JSON Lines", "CSV", "unknown"

struct DatasetOptions {
  // The member of a JSON document that holds the samples. Another name than "samples" says that the
  // input is a JSON document: {"train": [["book a table", "restaurant"], ...], "test": ...}.
  std::string array = "samples";
  // A row whose title and description leave no word (see IsBlank) is an error.
  bool require_text = true;
  // A row without category is an error. Where it is not, an absent or null one is empty.
  bool require_category = true;
  // False: category and confidence are not read at all, so whatever they hold is fine (the texts
  // alone are wanted). Then require_category counts as false.
  bool read_labels = true;
  // A longer row is an error, and skipped without being kept in memory. Each cell of a CSV row
  // counts 32 bytes more.
  std::size_t max_row_bytes = std::size_t{1} << 20;
};

class DatasetReader {
 public:
  explicit DatasetReader(DatasetOptions options = {});
  ~DatasetReader();
  DatasetReader(DatasetReader&&) noexcept;
  DatasetReader& operator=(DatasetReader&&) noexcept;

  // Takes the next bytes; they may end anywhere, even inside a code point. Ignored after Finish().
  void Feed(std::string_view bytes);

  // Says that no more bytes follow. Safe to call twice.
  void Finish();

  // The next row in the order of the input; nothing when more bytes are needed or all were read.
  std::optional<DatasetRow> Next();

  // True when reading ended before the input did, for the rest makes no sense (a header without a
  // text, brackets that do not match): the last row is an error that says why.
  bool stopped() const;

  // kUnknown until enough was fed to tell, and for an empty input.
  DatasetFormat format() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct Dataset {
  std::vector<Sample> samples;
  std::vector<RowError> errors;
  std::vector<RowError> warnings;
  DatasetFormat format = DatasetFormat::kUnknown;
  bool stopped = false;  // as DatasetReader::stopped()
};

// The same for an input that is in memory as a whole.
Dataset ReadDataset(std::string_view bytes, const DatasetOptions& options = {});

// One sample as a line of JSON Lines (with its line break): title, description, category,
// confidence and, when known, lang, style and split. ReadDataset() gives the same sample back.
std::string SampleToJsonLine(const Sample& sample);

}  // namespace smartsynch
