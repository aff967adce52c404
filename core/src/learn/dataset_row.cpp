#include <utility>

#include "learn/dataset_format.h"
#include "smartsynch/text/task_text.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch {

std::string FormatRowError(std::string_view source, const RowError& error) {
  std::string text(source);
  text += ":" + std::to_string(error.line) + ": " + error.field + ": " + error.message;
  return text;
}

DatasetRow BadRow(std::size_t line, std::string field, std::string message) {
  return {tl::unexpected(RowError{line, std::move(field), std::move(message)}), {}};
}

DatasetRow TooLongRow(std::size_t line, const DatasetOptions& options) {
  return BadRow(line, kWholeRow,
                "found a row longer than " + std::to_string(options.max_row_bytes) +
                    " bytes, expected a shorter one");
}

RowError RepairedWarning(std::size_t line, std::string field) {
  return {
      line, std::move(field),
      "found bytes that are not well-formed UTF-8, replaced by U+FFFD; expected a file in UTF-8"};
}

std::string Quoted(std::string_view value) {
  constexpr std::size_t kMaxCodePoints = 40;
  std::string shown = "\"";
  std::size_t position = 0;
  for (std::size_t i = 0; i < kMaxCodePoints && position < value.size(); ++i) {
    const char32_t code_point = DecodeUtf8(value, position);
    // A line break or an escape sequence inside a value must not reach the reader's terminal.
    AppendUtf8(code_point < 0x20 || code_point == 0x7F ? U' ' : code_point, shown);
  }
  return shown + (position < value.size() ? "...\"" : "\"");
}

std::string FoundExpected(std::string_view found, std::string_view expected) {
  std::string message = "found ";
  message.append(found).append(", expected ").append(expected);
  return message;
}

std::string_view TrimAscii(std::string_view text) {
  constexpr std::string_view kWhiteSpace = " \t\r\n\v\f";
  const std::size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhiteSpace) - begin + 1);
}

bool IsConfidence(double value) { return value >= 0 && value <= 1; }

DatasetRow CheckRow(RowFields fields, std::size_t line, const DatasetOptions& options) {
  if (!fields.title) {
    return BadRow(line, "title", "found no title, expected \"title\" or \"text\" with a string");
  }
  Sample sample;
  sample.title = std::move(*fields.title);
  sample.description = std::move(fields.description).value_or(std::string());
  if (options.require_text && IsBlank(sample.title) && IsBlank(sample.description)) {
    return BadRow(line, fields.title_name, FoundExpected("no word", "a text with at least one"));
  }
  if (fields.category) sample.category = TrimAscii(*fields.category);
  if (options.read_labels && options.require_category && sample.category.empty()) {
    return BadRow(line, fields.category_name,
                  FoundExpected(fields.category ? "an empty category" : "no category",
                                "\"label\" or \"category\" with a name"));
  }
  if (!IsConfidence(fields.confidence)) {
    return BadRow(line, "confidence",
                  FoundExpected(std::to_string(fields.confidence), kConfidenceExpected));
  }
  sample.weight = static_cast<float>(fields.confidence);
  sample.language = std::move(fields.language).value_or(std::string());
  sample.style = std::move(fields.style).value_or(std::string());
  sample.split = std::move(fields.split).value_or(std::string());
  sample.line = line;
  return {std::move(sample), {}};
}

}  // namespace smartsynch
