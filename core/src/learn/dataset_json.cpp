// JSON Lines, and the JSON document {"samples": [...]}: finds where each sample begins and ends in
// the stream, so that a bad one spoils neither the others nor the memory bound.
#include <cstdint>
#include <utility>

#include "learn/dataset_format.h"

namespace smartsynch {
namespace {

bool IsWhiteSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class JsonLinesReader final : public FormatReader {
 public:
  explicit JsonLinesReader(const DatasetOptions& options) : options_(options) {}

  void Feed(std::string_view bytes, std::deque<DatasetRow>& rows) override {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      Append(bytes.substr(0, end));
      if (end == std::string_view::npos) return;
      EndLine(rows);
      bytes.remove_prefix(end + 1);
    }
  }

  void Finish(std::deque<DatasetRow>& rows) override { EndLine(rows); }

  bool stopped() const override { return false; }

 private:
  void Append(std::string_view bytes) {
    if (too_long_ || text_.size() + bytes.size() > options_.max_row_bytes) {
      too_long_ = true;
      text_ = std::string();
    } else {
      text_.append(bytes);
    }
  }

  void EndLine(std::deque<DatasetRow>& rows) {
    if (too_long_) {
      rows.push_back(TooLongRow(line_, options_));
    } else if (!TrimAscii(text_).empty()) {
      rows.push_back(ParseJsonRow(text_, line_, options_));
    }
    text_.clear();
    too_long_ = false;
    ++line_;
  }

  DatasetOptions options_;
  std::size_t line_ = 1;
  std::string text_;
  bool too_long_ = false;
};

class JsonDocumentReader final : public FormatReader {
 public:
  explicit JsonDocumentReader(const DatasetOptions& options) : options_(options) {}

  void Feed(std::string_view bytes, std::deque<DatasetRow>& rows) override {
    for (const char c : bytes) {
      Take(c, rows);
      if (c == '\n') ++line_;
    }
  }

  void Finish(std::deque<DatasetRow>& rows) override {
    if (place_ == Place::kStopped) return;
    if (place_ == Place::kElement) {
      Stop(element_line_, kWholeRow, "found no end of the sample that begins here", rows);
    } else if (place_ != Place::kAfter) {
      Stop(line_, options_.array, "found the end of the input, expected the rest of the document",
           rows);
    } else if (!array_found_) {
      Stop(line_, options_.array, "found none, expected {\"" + options_.array + "\": [...]}", rows);
    }
  }

  bool stopped() const override { return place_ == Place::kStopped; }

 private:
  enum class Place { kBefore, kTop, kKey, kSkippedValue, kArray, kElement, kAfter, kStopped };

  void Stop(std::size_t line, std::string field, std::string message,
            std::deque<DatasetRow>& rows) {
    rows.push_back(BadRow(line, std::move(field), std::move(message)));
    place_ = Place::kStopped;
    element_ = std::string();
  }

  void StopAt(char c, const char* expected, std::deque<DatasetRow>& rows) {
    Stop(line_, kWholeRow, FoundExpected(Quoted(std::string(1, c)), expected) + "; stopped reading",
         rows);
  }

  void Take(char c, std::deque<DatasetRow>& rows) {
    switch (place_) {
      case Place::kBefore:
        if (c == '{') {
          place_ = Place::kTop;
        } else if (!IsWhiteSpace(c)) {
          StopAt(c, "{", rows);
        }
        break;
      case Place::kTop:
        TakeTop(c, rows);
        break;
      case Place::kKey:
        TakeKey(c);
        break;
      case Place::kSkippedValue:
        // A bare value ends at what follows it; everything else at its own last byte.
        if (depth_ == 0 && !in_string_ && (c == ',' || c == '}')) {
          place_ = Place::kTop;
          TakeTop(c, rows);
        } else if (Nest(c, rows) && depth_ == 0 && !in_string_ && (c == '}' || c == ']')) {
          place_ = Place::kTop;
        }
        break;
      case Place::kArray:
        TakeArray(c, rows);
        break;
      case Place::kElement:
        TakeElement(c, rows);
        break;
      case Place::kAfter:
        if (!IsWhiteSpace(c)) StopAt(c, "the end of the input", rows);
        break;
      case Place::kStopped:
        break;
    }
  }

  void TakeTop(char c, std::deque<DatasetRow>& rows) {
    if (IsWhiteSpace(c)) return;
    if (value_next_) {
      value_next_ = false;
      if (key_ == options_.array) {
        if (c != '[') {
          Stop(line_, options_.array, FoundExpected(Quoted(std::string(1, c)), "an array"), rows);
          return;
        }
        array_found_ = true;
        after_element_ = false;
        after_comma_ = false;
        place_ = Place::kArray;
      } else {
        place_ = Place::kSkippedValue;
        Nest(c, rows);
      }
    } else if (c == '"') {
      key_.clear();
      place_ = Place::kKey;
    } else if (c == ':') {
      value_next_ = true;
    } else if (c == '}') {
      place_ = Place::kAfter;
    } else if (c != ',') {
      StopAt(c, "a member of the document", rows);
    }
  }

  void TakeKey(char c) {
    constexpr std::size_t kLongestKept = 1024;
    if (c == '"' && !escaped_) {
      place_ = Place::kTop;
      return;
    }
    escaped_ = c == '\\' && !escaped_;
    if (key_.size() < kLongestKept) key_.push_back(c);
  }

  void TakeArray(char c, std::deque<DatasetRow>& rows) {
    if (IsWhiteSpace(c)) return;
    if (c == ']' || c == ',') {
      const bool is_stray = c == ',' ? !after_element_ : after_comma_;
      if (is_stray) {
        rows.push_back(BadRow(line_, kWholeRow, FoundExpected(Quoted({&c, 1}), "a sample")));
      }
      after_comma_ = c == ',';
      after_element_ = false;
      if (c == ']') place_ = Place::kTop;
      return;
    }
    if (after_element_) {
      rows.push_back(BadRow(line_, kWholeRow, "found no comma before the sample that begins here"));
    }
    after_comma_ = false;
    element_line_ = line_;
    element_.clear();
    too_long_ = false;
    place_ = Place::kElement;
    TakeElement(c, rows);
  }

  void TakeElement(char c, std::deque<DatasetRow>& rows) {
    if (depth_ == 0 && !in_string_ && (c == ',' || c == ']')) {
      // What began without a bracket is no sample; its text says what it is.
      EndElement(rows);
      TakeArray(c, rows);
      return;
    }
    if (c == '\n' && in_string_ && element_line_ == line_) {
      // A string left open on the sample's only line has swallowed its closing bracket, too.
      in_string_ = false;
      depth_ = 0;
      EndElement(rows);
      after_element_ = false;
      return;
    }
    if (!too_long_ && element_.size() < options_.max_row_bytes) {
      element_.push_back(c);
    } else {
      too_long_ = true;
      element_ = std::string();
    }
    if (Nest(c, rows) && depth_ == 0 && !in_string_ && (c == '}' || c == ']')) EndElement(rows);
  }

  void EndElement(std::deque<DatasetRow>& rows) {
    DatasetRow row = too_long_ ? TooLongRow(element_line_, options_)
                               : ParseJsonRow(element_, element_line_, options_);
    if (!row.sample) row.sample.error().field = PathOf(row.sample.error().field);
    for (RowError& warning : row.warnings) warning.field = PathOf(warning.field);
    rows.push_back(std::move(row));
    ++element_index_;
    after_element_ = true;
    place_ = Place::kArray;
  }

  // A document may well be one line, so the line alone does not say which sample is meant.
  std::string PathOf(const std::string& field) const {
    const std::string element = options_.array + "[" + std::to_string(element_index_) + "]";
    return field == kWholeRow ? element : element + "." + field;
  }

  // Follows strings and brackets inside a value; false when a bracket does not match and reading
  // stopped. Beyond 64 levels (which no sample has) the kinds of bracket are not compared.
  bool Nest(char c, std::deque<DatasetRow>& rows) {
    constexpr std::size_t kComparedLevels = 64;
    if (in_string_) {
      // A string holds no raw line break: it ends there, so one forgotten quote stays one bad row.
      if (c == '\n' || (c == '"' && !escaped_)) in_string_ = false;
      escaped_ = in_string_ && c == '\\' && !escaped_;
      return true;
    }
    if (c == '"') {
      in_string_ = true;
      escaped_ = false;
    } else if (c == '{' || c == '[') {
      if (depth_ < kComparedLevels) {
        const std::uint64_t bit = std::uint64_t{1} << depth_;
        is_array_ = c == '[' ? is_array_ | bit : is_array_ & ~bit;
      }
      ++depth_;
    } else if (c == '}' || c == ']') {
      const bool opened_as_array = depth_ > 0 && depth_ <= kComparedLevels
                                       ? ((is_array_ >> (depth_ - 1)) & 1U) != 0
                                       : c == ']';
      if (depth_ == 0 || opened_as_array != (c == ']')) {
        StopAt(c, depth_ == 0 ? "a value" : (opened_as_array ? "]" : "}"), rows);
        return false;
      }
      --depth_;
    }
    return true;
  }

  DatasetOptions options_;
  Place place_ = Place::kBefore;
  std::size_t line_ = 1;
  std::string key_;
  bool value_next_ = false;
  bool array_found_ = false;
  bool after_element_ = false;
  bool after_comma_ = false;
  std::string element_;
  std::size_t element_line_ = 1;
  std::size_t element_index_ = 0;
  bool too_long_ = false;
  std::size_t depth_ = 0;
  std::uint64_t is_array_ = 0;  // by level: opened by [ rather than {
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace

std::unique_ptr<FormatReader> MakeJsonLinesReader(const DatasetOptions& options) {
  return std::make_unique<JsonLinesReader>(options);
}

std::unique_ptr<FormatReader> MakeJsonDocumentReader(const DatasetOptions& options) {
  return std::make_unique<JsonDocumentReader>(options);
}

}  // namespace smartsynch
