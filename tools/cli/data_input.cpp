#include "cli/data_input.h"

#include <cstdio>
#include <iterator>
#include <optional>
#include <utility>

#include "cli/file.h"

namespace smartsynch {

Status RowReporter::Malformed(const RowError& error) {
  ++malformed_;
  const std::string text = FormatRowError(source_, error);
  if (strict_) {
    return Fail(ErrorCode::kInvalidData, text + " (a malformed row stops with --strict)",
                error.field);
  }
  std::fprintf(stderr, "smartsynch: skipped %s\n", text.c_str());
  return {};
}

void RowReporter::Warn(const RowError& warning) {
  std::fprintf(stderr, "smartsynch: warning: %s\n", FormatRowError(source_, warning).c_str());
}

Result<DataFile> LoadDataFile(const std::string& path, const DatasetOptions& options, bool strict) {
  const bool is_standard_input = path == "-";
  const std::string source = is_standard_input ? "standard input" : path;
  const Result<std::string> bytes = is_standard_input ? ReadStandardInput() : ReadFile(path);
  if (!bytes) return tl::unexpected(bytes.error());
  Dataset dataset = ReadDataset(*bytes, options);
  RowReporter reporter(source, strict);
  for (const RowError& warning : dataset.warnings) reporter.Warn(warning);
  std::optional<RowError> end;  // why reading stopped; no row was skipped there
  if (dataset.stopped) {
    end = std::move(dataset.errors.back());
    dataset.errors.pop_back();
  }
  for (const RowError& error : dataset.errors) {
    if (Status status = reporter.Malformed(error); !status) return tl::unexpected(status.error());
  }
  if (end) {
    return Fail(ErrorCode::kInvalidData, "cannot read on in " + FormatRowError(source, *end),
                end->field);
  }
  if (dataset.samples.empty()) {
    return Fail(ErrorCode::kInvalidData,
                source + " has no usable row (" + std::to_string(reporter.malformed()) +
                    " malformed), expected at least one",
                path);
  }
  return DataFile{std::move(dataset.samples), reporter.malformed()};
}

Result<DataFile> LoadDataFiles(const std::vector<std::string>& paths, const DatasetOptions& options,
                               bool strict) {
  DataFile all;
  for (const std::string& path : paths) {
    Result<DataFile> file = LoadDataFile(path, options, strict);
    if (!file) return file;
    std::move(file->samples.begin(), file->samples.end(), std::back_inserter(all.samples));
    all.malformed += file->malformed;
  }
  return all;
}

}  // namespace smartsynch
