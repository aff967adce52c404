// CSV with a header line (RFC 4180). Where a comma is the decimal point, spreadsheets separate by
// semicolons, and some export tabs.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "learn/dataset_format.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);
// Counted for each cell beside its bytes, so that a row of commas is bounded, too.
constexpr std::size_t kCellOverhead = 32;

struct Column {
  std::size_t index = kNoColumn;
  const char* name = "";
};

std::string LowerAscii(std::string_view text) {
  std::string lower(TrimAscii(text));
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return lower;
}

// A plain decimal number, nothing around it; NaN otherwise.
double ParseNumber(std::string_view text) {
  const std::string number(TrimAscii(text));
  if (number.empty() || number.find_first_not_of("0123456789+-.eE") != std::string::npos) {
    return std::nan("");
  }
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  return end == number.c_str() + number.size() ? value : std::nan("");
}

class CsvReader final : public FormatReader {
 public:
  explicit CsvReader(const DatasetOptions& options) : options_(options) {}

  void Feed(std::string_view bytes, std::deque<DatasetRow>& rows) override {
    for (const char c : bytes) {
      if (stopped_) return;
      Take(c, rows);
    }
  }

  void Finish(std::deque<DatasetRow>& rows) override {
    if (stopped_) return;
    if (place_ == Place::kQuoted) {
      Stop(row_line_, kWholeRow, "found no closing quote for a field of the row that begins here",
           rows);
      return;
    }
    if (!cells_.empty() || !cell_.empty() || too_long_ || place_ != Place::kStart) EndRow(rows);
    if (!stopped_ && !header_read_) {
      Stop(line_, "header", "found none, expected a line such as title,category", rows);
    }
  }

  bool stopped() const override { return stopped_; }

 private:
  enum class Place { kStart, kPlain, kQuoted, kQuoteSeen };

  void Stop(std::size_t line, std::string field, std::string message,
            std::deque<DatasetRow>& rows) {
    rows.push_back(BadRow(line, std::move(field), std::move(message)));
    stopped_ = true;
  }

  void Take(char c, std::deque<DatasetRow>& rows) {
    const bool completes_crlf = c == '\n' && after_return_;
    after_return_ = c == '\r';
    if (place_ == Place::kQuoted) {
      if (c == '"') {
        place_ = Place::kQuoteSeen;
      } else {
        Append(c);
      }
    } else if (c == '\n' || c == '\r') {
      if (completes_crlf) return;  // the row ended at the CR, and its line was counted there
      EndRow(rows);
      ++line_;
      row_line_ = line_;
      return;
    } else if (IsSeparator(c)) {
      EndCell();
    } else if (place_ == Place::kQuoteSeen) {
      if (c == '"') {  // a doubled quote is one quote
        Append(c);
        place_ = Place::kQuoted;
      } else {
        text_after_quote_ = true;
        place_ = Place::kPlain;
      }
    } else if (place_ == Place::kStart && c == '"') {
      place_ = Place::kQuoted;
    } else {
      place_ = Place::kPlain;
      Append(c);
    }
    if ((c == '\n' && !completes_crlf) || c == '\r') ++line_;
  }

  bool IsSeparator(char c) {
    if (separator_ == 0 && (c == ',' || c == ';' || c == '\t')) separator_ = c;
    return c == separator_;
  }

  void Append(char c) {
    if (++row_bytes_ > options_.max_row_bytes) {
      too_long_ = true;
      cell_ = std::string();
      cells_ = std::vector<std::string>();
    } else {
      cell_.push_back(c);
    }
  }

  void EndCell() {
    row_bytes_ += kCellOverhead;
    if (row_bytes_ > options_.max_row_bytes) {
      too_long_ = true;
      cells_ = std::vector<std::string>();
    } else {
      cells_.push_back(std::move(cell_));
    }
    cell_.clear();
    place_ = Place::kStart;
  }

  void EndRow(std::deque<DatasetRow>& rows) {
    const bool is_blank = cells_.empty() && cell_.empty() && place_ == Place::kStart && !too_long_;
    if (!is_blank) {
      EndCell();
      if (!header_read_) {
        ReadHeader(rows);
      } else if (too_long_) {
        rows.push_back(TooLongRow(row_line_, options_));
      } else {
        rows.push_back(MakeRow());
      }
    }
    cells_.clear();
    row_bytes_ = 0;
    too_long_ = false;
    text_after_quote_ = false;
    place_ = Place::kStart;
  }

  Column FindColumn(const std::vector<std::string>& names, const char* first,
                    const char* second) const {
    for (const char* name : {first, second}) {
      const auto found = std::find(names.begin(), names.end(), name);
      if (found != names.end()) {
        return {static_cast<std::size_t>(found - names.begin()), name};
      }
    }
    return {kNoColumn, first};
  }

  void ReadHeader(std::deque<DatasetRow>& rows) {
    header_read_ = true;
    if (separator_ == 0) separator_ = ',';
    if (too_long_) {
      Stop(row_line_, "header", "found one longer than a row may be", rows);
      return;
    }
    std::vector<std::string> names;
    std::string listed;
    for (const std::string& cell : cells_) {
      names.push_back(LowerAscii(RepairUtf8(cell)));
      listed += (listed.empty() ? "" : std::string(1, separator_)) + names.back();
    }
    title_ = FindColumn(names, "title", "text");
    description_ = FindColumn(names, "description", "description");
    category_ = FindColumn(names, "label", "category");
    confidence_ = FindColumn(names, "confidence", "confidence");
    language_ = FindColumn(names, "lang", "language");
    style_ = FindColumn(names, "style", "style");
    split_ = FindColumn(names, "split", "split");
    column_count_ = names.size();
    if (title_.index == kNoColumn) {
      Stop(row_line_, "header",
           FoundExpected(Quoted(listed), "column names with \"title\" or \"text\""), rows);
    } else if (category_.index == kNoColumn && options_.read_labels && options_.require_category) {
      Stop(row_line_, "header",
           FoundExpected(Quoted(listed), "column names with \"label\" or \"category\""), rows);
    }
  }

  DatasetRow MakeRow() {
    if (text_after_quote_) {
      return BadRow(row_line_, kWholeRow,
                    "found text after a closing quote, expected a separator or the line's end");
    }
    if (cells_.size() != column_count_) {
      return BadRow(row_line_, kWholeRow,
                    FoundExpected(std::to_string(cells_.size()) + " fields",
                                  std::to_string(column_count_) + " as in the header"));
    }
    std::vector<RowError> warnings;
    const auto text_of = [&](const Column& column) -> std::optional<std::string> {
      if (column.index == kNoColumn) return std::nullopt;
      std::string text = RepairUtf8(cells_[column.index]);
      if (text != cells_[column.index]) warnings.push_back(RepairedWarning(row_line_, column.name));
      return text;
    };
    RowFields fields;
    fields.title = text_of(title_);
    fields.description = text_of(description_);
    if (options_.read_labels) fields.category = text_of(category_);
    fields.language = text_of(language_);
    fields.style = text_of(style_);
    fields.split = text_of(split_);
    fields.title_name = title_.name;
    fields.category_name = category_.name;
    // An empty cell is how CSV says "not given".
    if (const auto confidence = text_of(confidence_);
        options_.read_labels && confidence && !TrimAscii(*confidence).empty()) {
      fields.confidence = ParseNumber(*confidence);
      if (!IsConfidence(fields.confidence)) {
        return BadRow(row_line_, "confidence",
                      FoundExpected(Quoted(*confidence), kConfidenceExpected));
      }
    }
    DatasetRow row = CheckRow(std::move(fields), row_line_, options_);
    if (row.sample) row.warnings = std::move(warnings);
    return row;
  }

  DatasetOptions options_;
  Place place_ = Place::kStart;
  char separator_ = 0;  // 0 until the header shows it
  bool stopped_ = false;
  std::size_t line_ = 1;
  std::size_t row_line_ = 1;
  bool after_return_ = false;
  std::vector<std::string> cells_;
  std::string cell_;
  std::size_t row_bytes_ = 0;
  bool too_long_ = false;
  bool text_after_quote_ = false;
  bool header_read_ = false;
  std::size_t column_count_ = 0;
  Column title_, description_, category_, confidence_, language_, style_, split_;
};

}  // namespace

std::unique_ptr<FormatReader> MakeCsvReader(const DatasetOptions& options) {
  return std::make_unique<CsvReader>(options);
}

}  // namespace smartsynch
