#include "smartsynch/learn/dataset.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "learn/dataset_format.h"
#include "smartsynch/text/task_text.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsRowName(std::string_view key) {
  constexpr std::array<std::string_view, 6> kNames = {"title", "text",     "description",
                                                      "label", "category", "confidence"};
  return std::find(kNames.begin(), kNames.end(), key) != kNames.end();
}

bool LooksLikeUtf16(std::string_view head) {
  return head.size() >= 2 && (head.substr(0, 2) == "\xFF\xFE" || head.substr(0, 2) == "\xFE\xFF");
}

}  // namespace

// Tells a JSON document from JSON Lines by its first object, An object
// that closes on its line is a row, unless it has the samples array; one that goes on over the line
// is a document, unless it begins like a row that was left open.
class FirstObject {
 public:
  // Takes the next bytes; kUnknown when those so far do not tell.
  DatasetFormat Feed(std::string_view text) {
    for (const char c : text) {
      if (in_string_) {
        if (c == '\n') return DatasetFormat::kJsonLines;
        StringByte(c);
      } else if (c == '\n') {
        return row_name_seen_ ? DatasetFormat::kJsonLines : DatasetFormat::kJson;
      } else if (StructureByte(c)) {
        return result_;
      }
    }
    return DatasetFormat::kUnknown;
  }

  DatasetFormat BestGuess() const {
    return row_name_seen_ || depth_ == 0 ? DatasetFormat::kJsonLines : DatasetFormat::kJson;
  }

 private:
  void StringByte(char c) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
      return;
    }
    if (depth_ == 1) string_.push_back(c);
  }

  // True when `result_` is known.
  bool StructureByte(char c) {
    if (c == '"') {
      in_string_ = true;
      string_.clear();
    } else if (c == '{' || c == '[') {
      if (c == '[' && depth_ == 1 && key_is_samples_) {
        result_ = DatasetFormat::kJson;
        return true;
      }
      ++depth_;
    } else if (c == '}' || c == ']') {
      result_ = DatasetFormat::kJsonLines;
      return --depth_ <= 0;
    } else if (c == ':' && depth_ == 1) {
      key_is_samples_ = string_ == "samples";
      row_name_seen_ = row_name_seen_ || IsRowName(string_);
    }
    return false;
  }

  std::string string_;
  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool key_is_samples_ = false;
  bool row_name_seen_ = false;
  DatasetFormat result_ = DatasetFormat::kUnknown;
};

struct DatasetReader::State {
  DatasetOptions options;
  DatasetFormat format = DatasetFormat::kUnknown;
  std::string head;  // what was fed before the format was known
  FirstObject first_object;
  std::size_t classified = 0;  // bytes of `head` that `first_object` has seen
  bool head_begun = false;
  bool finished = false;
  bool refused = false;
  std::unique_ptr<FormatReader> reader;
  std::deque<DatasetRow> rows;

  void Refuse(std::string message) {
    rows.push_back(BadRow(1, kWholeRow, std::move(message)));
    refused = true;
    head.clear();
  }

  // Strips a byte order mark; false while the first bytes could still become one.
  bool BeginHead(bool complete) {
    if (head_begun) return true;
    if (!complete && head.size() < kByteOrderMark.size()) return false;
    head_begun = true;
    if (head.compare(0, kByteOrderMark.size(), kByteOrderMark) == 0) {
      head.erase(0, kByteOrderMark.size());
    } else if (LooksLikeUtf16(head)) {
      Refuse("found text in UTF-16, expected UTF-8");
    }
    return !refused;
  }

  // `start` is where the first byte stands that is not white space.
  DatasetFormat Detect(std::size_t start, bool complete) {
    if (start == std::string::npos) return DatasetFormat::kUnknown;
    if (head[start] != '{') return DatasetFormat::kCsv;
    if (options.array != "samples") return DatasetFormat::kJson;
    // Looks no further than one row may reach, in whatever pieces the bytes come.
    const bool is_enough = complete || head.size() - start > options.max_row_bytes;
    const std::size_t end = start + std::min(head.size() - start, options.max_row_bytes);
    const std::size_t from = std::max(start, classified);
    classified = end;
    const DatasetFormat found = first_object.Feed(std::string_view(head).substr(from, end - from));
    if (found != DatasetFormat::kUnknown) return found;
    return is_enough ? first_object.BestGuess() : DatasetFormat::kUnknown;
  }

  void ChooseReader(bool complete) {
    if (!BeginHead(complete)) return;
    const std::size_t start = head.find_first_not_of(" \t\r\n");
    // White space alone decides nothing and counts for nothing but its line breaks.
    if (std::min(start, head.size()) > options.max_row_bytes) {
      Refuse("found only white space in the first " + std::to_string(options.max_row_bytes) +
             " bytes");
      return;
    }
    if (start != std::string::npos && head[start] == '[') {
      Refuse("found a JSON array, expected {\"" + options.array +
             "\": [...]}, JSON Lines or CSV with a header");
      return;
    }
    format = Detect(start, complete);
    if (format == DatasetFormat::kUnknown) return;
    if (format == DatasetFormat::kCsv) {
      reader = MakeCsvReader(options);
    } else if (format == DatasetFormat::kJson) {
      reader = MakeJsonDocumentReader(options);
    } else {
      reader = MakeJsonLinesReader(options);
    }
    reader->Feed(head, rows);
    head = std::string();
  }
};

DatasetReader::DatasetReader(DatasetOptions options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
}
DatasetReader::~DatasetReader() = default;
DatasetReader::DatasetReader(DatasetReader&&) noexcept = default;
DatasetReader& DatasetReader::operator=(DatasetReader&&) noexcept = default;

void DatasetReader::Feed(std::string_view bytes) {
  if (state_->finished || state_->refused || bytes.empty()) return;
  if (state_->reader) {
    state_->reader->Feed(bytes, state_->rows);
    return;
  }
  state_->head.append(bytes);
  state_->ChooseReader(false);
}

void DatasetReader::Finish() {
  if (state_->finished || state_->refused) return;
  state_->finished = true;
  if (!state_->reader) state_->ChooseReader(true);
  if (state_->reader) state_->reader->Finish(state_->rows);
}

std::optional<DatasetRow> DatasetReader::Next() {
  if (state_->rows.empty()) return std::nullopt;
  DatasetRow row = std::move(state_->rows.front());
  state_->rows.pop_front();
  return row;
}

bool DatasetReader::stopped() const {
  return state_->refused || (state_->reader && state_->reader->stopped());
}

DatasetFormat DatasetReader::format() const { return state_->format; }

Dataset ReadDataset(std::string_view bytes, const DatasetOptions& options) {
  Dataset dataset;
  DatasetReader reader(options);
  const auto take = [&] {
    while (std::optional<DatasetRow> row = reader.Next()) {
      for (RowError& warning : row->warnings) dataset.warnings.push_back(std::move(warning));
      if (row->sample) {
        dataset.samples.push_back(std::move(*row->sample));
      } else {
        dataset.errors.push_back(std::move(row->sample.error()));
      }
    }
  };
  // In pieces, so that rows do not wait in the queue a second time.
  constexpr std::size_t kPiece = std::size_t{1} << 16;
  for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
    reader.Feed(bytes.substr(at, kPiece));
    take();
  }
  reader.Finish();
  take();
  dataset.format = reader.format();
  dataset.stopped = reader.stopped();
  return dataset;
}

const char* DatasetFormatName(DatasetFormat format) {
  switch (format) {
    case DatasetFormat::kJson:
      return "JSON";
    case DatasetFormat::kJsonLines:
      return "JSON Lines";
    case DatasetFormat::kCsv:
      return "CSV";
    case DatasetFormat::kUnknown:
      return "unknown";
  }
  return "unknown";
}

std::string SampleToJsonLine(const Sample& sample) {
  nlohmann::ordered_json row;
  row["title"] = sample.title;
  row["description"] = sample.description;
  row["category"] = sample.category;
  row["confidence"] = sample.weight;
  if (!sample.language.empty()) row["lang"] = sample.language;
  if (!sample.style.empty()) row["style"] = sample.style;
  if (!sample.split.empty()) row["split"] = sample.split;
  return row.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace smartsynch
