// Data sets from files, with every malformed row reported on standard error.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "smartsynch/base/status.h"
#include "smartsynch/learn/dataset.h"

namespace smartsynch {

// Says on standard error what is wrong with rows, and counts.
class RowReporter {
 public:
  RowReporter(std::string source, bool strict) : source_(std::move(source)), strict_(strict) {}

  // Fails with kInvalidData when malformed rows are not to be skipped.
  Status Malformed(const RowError& error);
  void Warn(const RowError& warning);

  std::size_t malformed() const { return malformed_; }

 private:
  std::string source_;
  bool strict_;
  std::size_t malformed_ = 0;
};

struct DataFile {
  std::vector<Sample> samples;
  std::size_t malformed = 0;  // rows skipped
};

// `path` "-" is standard input.
// Fails when the file cannot be read, or not to its end, when it holds no good row, and, if
// `strict`, at the first malformed row.
Result<DataFile> LoadDataFile(const std::string& path, const DatasetOptions& options, bool strict);

// The same for several files, one after the other. The result is empty for no file.
Result<DataFile> LoadDataFiles(const std::vector<std::string>& paths, const DatasetOptions& options,
                               bool strict);

}  // namespace smartsynch
