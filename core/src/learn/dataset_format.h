// What the three input formats of learn/dataset.h share: each is a reader that turns bytes into
// rows.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smartsynch/learn/dataset.h"

namespace smartsynch {

class FormatReader {
 public:
  virtual ~FormatReader() = default;
  // Both append the rows that became complete.
  virtual void Feed(std::string_view bytes, std::deque<DatasetRow>& rows) = 0;
  virtual void Finish(std::deque<DatasetRow>& rows) = 0;
  // See DatasetReader::stopped().
  virtual bool stopped() const = 0;
};

std::unique_ptr<FormatReader> MakeJsonDocumentReader(const DatasetOptions& options);
std::unique_ptr<FormatReader> MakeJsonLinesReader(const DatasetOptions& options);
std::unique_ptr<FormatReader> MakeCsvReader(const DatasetOptions& options);

// Where problems of a whole row are filed.
inline constexpr const char* kWholeRow = "row";

// The texts of one row before they are checked; an absent field is empty.
struct RowFields {
  std::optional<std::string> title;
  std::optional<std::string> description;
  std::optional<std::string> category;
  std::optional<std::string> language;
  std::optional<std::string> style;
  std::optional<std::string> split;
  const char* title_name = "title";  // as the row or the header spells it
  const char* category_name = "category";
  double confidence = 1;
};

// Applies the requirements of `options` and makes the sample.
DatasetRow CheckRow(RowFields fields, std::size_t line, const DatasetOptions& options);

// One sample's JSON text, which begins on `line`.
DatasetRow ParseJsonRow(std::string_view text, std::size_t line, const DatasetOptions& options);

DatasetRow BadRow(std::size_t line, std::string field, std::string message);
DatasetRow TooLongRow(std::size_t line, const DatasetOptions& options);
RowError RepairedWarning(std::size_t line, std::string field);

// `found "value", expected what`, where a long value is cut.
std::string FoundExpected(std::string_view found, std::string_view expected);
// The value in quotes, cut to its first 40 code points.
std::string Quoted(std::string_view value);

// Without ASCII white space at either end.
std::string_view TrimAscii(std::string_view text);

// True for 0..1 (false for NaN).
bool IsConfidence(double value);
inline constexpr const char* kConfidenceExpected = "a number from 0 to 1";

}  // namespace smartsynch
