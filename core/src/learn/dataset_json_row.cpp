// One sample's JSON text: {"title": ..., ...} or ["text", "label"].
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "learn/dataset_format.h"
#include "smartsynch/text/surrogate_escapes.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {
namespace {

using nlohmann::json;

// A value as found; `text` is the string itself, or how the value is shown in a message.
struct Cell {
  enum class Kind { kAbsent, kNull, kString, kNumber, kOther };
  Kind kind = Kind::kAbsent;
  std::string text;
  double number = 0;

  std::string Shown() const { return kind == Kind::kString ? Quoted(text) : text; }
};

enum Field : std::size_t {
  kTitle,
  kText,
  kDescription,
  kLabel,
  kCategory,
  kConfidence,
  kLang,
  kLanguage,
  kStyle,
  kSplit,
  kFieldCount
};
constexpr std::array<const char*, kFieldCount> kFieldNames = {
    "title",      "text", "description", "label", "category",
    "confidence", "lang", "language",    "style", "split"};

// Keeps the known fields of the outermost object and forgets the rest as it is read, so a row's
// nesting and unknown fields cost no memory. A repeated field's last value counts.
class RowHandler final : public nlohmann::json_sax<json> {
 public:
  bool null() override { return Set({Cell::Kind::kNull, "null", 0}); }
  bool boolean(bool value) override {
    return Set({Cell::Kind::kOther, value ? "true" : "false", 0});
  }
  bool number_integer(number_integer_t value) override {
    return Set({Cell::Kind::kNumber, std::to_string(value), static_cast<double>(value)});
  }
  bool number_unsigned(number_unsigned_t value) override {
    return Set({Cell::Kind::kNumber, std::to_string(value), static_cast<double>(value)});
  }
  bool number_float(number_float_t value, const string_t& written) override {
    return Set({Cell::Kind::kNumber, written, value});
  }
  bool string(string_t& value) override { return Set({Cell::Kind::kString, std::move(value), 0}); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override {
    if (depth_ == 0) shape_ = Shape::kObject;
    if (depth_ == 1) Set({Cell::Kind::kOther, "an object", 0});
    ++depth_;
    return true;
  }
  bool start_array(std::size_t) override {
    if (depth_ == 0) shape_ = Shape::kPair;
    if (depth_ == 1) Set({Cell::Kind::kOther, "an array", 0});
    ++depth_;
    return true;
  }
  bool end_object() override { return Leave(); }
  bool end_array() override { return Leave(); }

  bool key(string_t& name) override {
    if (depth_ != 1) return true;
    current_ = kFieldCount;
    for (std::size_t i = 0; i < kFieldCount; ++i) {
      if (name == kFieldNames[i]) current_ = i;
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    error_position_ = position;
    return false;
  }

  enum class Shape { kScalar, kObject, kPair };
  Shape shape() const { return shape_; }
  std::size_t pair_size() const { return pair_size_; }
  const Cell& cell(Field field) const { return cells_[field]; }
  // Bytes read until the parser gave up.
  std::size_t error_position() const { return error_position_; }
  // The known field whose value was being read, or nullptr.
  const char* current_name() const {
    return current_ < kFieldCount ? kFieldNames[current_] : nullptr;
  }

 private:
  bool Set(Cell cell) {
    if (depth_ != 1) return true;
    if (shape_ == Shape::kPair) {
      if (pair_size_ < 2) cells_[pair_size_ == 0 ? kTitle : kLabel] = std::move(cell);
      ++pair_size_;
    } else if (current_ < kFieldCount) {
      cells_[current_] = std::move(cell);
      current_ = kFieldCount;
    }
    return true;
  }

  bool Leave() {
    --depth_;
    return true;
  }

  std::array<Cell, kFieldCount> cells_;
  Shape shape_ = Shape::kScalar;
  std::size_t depth_ = 0;
  std::size_t pair_size_ = 0;
  std::size_t current_ = kFieldCount;
  std::size_t error_position_ = 0;
};

// The word, number or character at which the parser stopped after reading `position` bytes.
std::string_view TokenAt(std::string_view text, std::size_t position) {
  const auto is_word = [&](std::size_t i) {
    const char c = text[i];
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '.' ||
           c == '-' || c == '+' || c == '_';
  };
  if (position == 0 || position > text.size()) return {};
  std::size_t begin = position - 1;
  if (!is_word(begin) && begin > 0 && is_word(begin - 1)) --begin;
  std::size_t end = begin + 1;
  while (begin > 0 && is_word(begin) && is_word(begin - 1)) --begin;
  while (end < text.size() && is_word(begin) && is_word(end)) ++end;
  return text.substr(begin, end - begin);
}

DatasetRow NotJson(const RowHandler& handler, std::string_view text, std::size_t line) {
  const std::size_t position = handler.error_position();
  const std::string_view token = TokenAt(text, position);
  std::string found =
      token.empty() || position > text.size() ? "the end of the row" : Quoted(token);
  found += " at byte " + std::to_string(position);
  const char* name = handler.current_name();
  return BadRow(line, name != nullptr ? name : kWholeRow, FoundExpected(found, "valid JSON"));
}

std::optional<std::string> TextOf(const Cell& cell) {
  if (cell.kind != Cell::Kind::kString) return std::nullopt;
  return cell.text;
}

bool IsPresent(const Cell& cell) { return cell.kind != Cell::Kind::kAbsent; }

// The first complaint about a field's type; empty field when there is none.
RowError WrongType(const RowHandler& handler, Field title, Field category, std::size_t line,
                   const DatasetOptions& options) {
  const auto complain = [&](Field field, const char* expected) {
    return RowError{line, kFieldNames[field], FoundExpected(handler.cell(field).Shown(), expected)};
  };
  const auto is_text = [&](Field field, bool null_is_absent) {
    const Cell::Kind kind = handler.cell(field).kind;
    return kind == Cell::Kind::kString || kind == Cell::Kind::kAbsent ||
           (null_is_absent && kind == Cell::Kind::kNull);
  };
  if (!is_text(title, false)) return complain(title, "a string");
  if (!is_text(kDescription, true)) return complain(kDescription, "a string");
  if (!options.read_labels) return {};
  if (!is_text(category, !options.require_category)) return complain(category, "a string");
  const Cell& confidence = handler.cell(kConfidence);
  const bool is_confidence =
      confidence.kind == Cell::Kind::kNumber && IsConfidence(confidence.number);
  if (IsPresent(confidence) && !is_confidence) return complain(kConfidence, kConfidenceExpected);
  return {};
}

}  // namespace

DatasetRow ParseJsonRow(std::string_view text, std::size_t line, const DatasetOptions& options) {
  std::string repaired = RepairUtf8(text);
  const bool bytes_repaired = repaired != text;
  const bool escapes_repaired = RepairSurrogateEscapes(repaired);
  RowHandler handler;
  if (!json::sax_parse(repaired, &handler)) return NotJson(handler, repaired, line);
  if (handler.shape() == RowHandler::Shape::kScalar) {
    return BadRow(line, kWholeRow, FoundExpected(Quoted(TrimAscii(text)), "an object"));
  }
  if (handler.shape() == RowHandler::Shape::kPair && handler.pair_size() != 2) {
    return BadRow(line, kWholeRow,
                  FoundExpected("an array of " + std::to_string(handler.pair_size()) + " values",
                                "an object or [\"text\", \"label\"]"));
  }
  const Field title =
      IsPresent(handler.cell(kTitle)) || !IsPresent(handler.cell(kText)) ? kTitle : kText;
  const Field category =
      IsPresent(handler.cell(kLabel)) || !IsPresent(handler.cell(kCategory)) ? kLabel : kCategory;
  RowError wrong = WrongType(handler, title, category, line, options);
  if (!wrong.field.empty()) return {tl::unexpected(std::move(wrong)), {}};

  RowFields fields;
  fields.title = TextOf(handler.cell(title));
  fields.description = TextOf(handler.cell(kDescription));
  if (options.read_labels) fields.category = TextOf(handler.cell(category));
  fields.language = TextOf(handler.cell(IsPresent(handler.cell(kLang)) ? kLang : kLanguage));
  fields.style = TextOf(handler.cell(kStyle));
  fields.split = TextOf(handler.cell(kSplit));
  fields.title_name = kFieldNames[title];
  fields.category_name = fields.category ? kFieldNames[category] : kFieldNames[kCategory];
  if (options.read_labels && IsPresent(handler.cell(kConfidence)))
    fields.confidence = handler.cell(kConfidence).number;
  DatasetRow row = CheckRow(std::move(fields), line, options);
  if (row.sample && bytes_repaired) row.warnings.push_back(RepairedWarning(line, kWholeRow));
  if (row.sample && escapes_repaired) {
    row.warnings.push_back({line, kWholeRow, "found half a surrogate pair, replaced by U+FFFD"});
  }
  return row;
}

}  // namespace smartsynch
