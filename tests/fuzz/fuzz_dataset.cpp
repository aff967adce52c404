// Data files in JSON, JSON Lines and CSV. The first byte chooses the options, the second in which
// pieces the rest is fed.
#include <tuple>

#include "fuzz_target.h"
#include "smartsynch/learn/dataset.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch::fuzz {
namespace {

bool SameSample(const Sample& a, const Sample& b) {
  return std::tie(a.title, a.description, a.category, a.weight, a.language, a.style, a.split) ==
         std::tie(b.title, b.description, b.category, b.weight, b.language, b.style, b.split);
}

bool SameErrors(const std::vector<RowError>& a, const std::vector<RowError>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].line != b[i].line || a[i].field != b[i].field || a[i].message != b[i].message) {
      return false;
    }
  }
  return true;
}

Dataset ReadInPieces(std::string_view bytes, const DatasetOptions& options, std::size_t piece) {
  Dataset dataset;
  DatasetReader reader(options);
  const auto take = [&] {
    while (std::optional<DatasetRow> row = reader.Next()) {
      if (row->sample) {
        dataset.samples.push_back(*row->sample);
      } else {
        dataset.errors.push_back(row->sample.error());
      }
      dataset.warnings.insert(dataset.warnings.end(), row->warnings.begin(), row->warnings.end());
    }
  };
  for (std::size_t begin = 0; begin < bytes.size(); begin += piece) {
    reader.Feed(bytes.substr(begin, piece));
    take();
  }
  reader.Finish();
  take();
  dataset.format = reader.format();
  dataset.stopped = reader.stopped();
  return dataset;
}

void CheckSample(const Sample& sample, const DatasetOptions& options) {
  for (const std::string* text :
       {&sample.title, &sample.description, &sample.category, &sample.language, &sample.style}) {
    CheckThat(RepairUtf8(*text) == *text, "a sample's texts are well-formed");
  }
  CheckThat(sample.weight >= 0 && sample.weight <= 1, "a weight is in 0..1");
  CheckThat(sample.line >= 1, "lines are counted from 1");
  if (options.read_labels && options.require_category) {
    CheckThat(!sample.category.empty(), "a sample has a category");
  }
  DatasetOptions again = options;
  again.array = "samples";
  again.max_row_bytes = std::size_t{1} << 20U;
  if (sample.category.empty()) again.require_category = false;
  const Dataset read = ReadDataset(SampleToJsonLine(sample), again);
  CheckThat(read.errors.empty() && read.samples.size() == 1, "a written sample can be read");
  CheckThat(SameSample(read.samples[0], sample) || !options.read_labels,
            "a written sample is read as itself");
}

}  // namespace

void TestOneInput(std::string_view input) {
  Choices choices(input);
  const unsigned flags = choices.Byte();
  DatasetOptions options;
  if ((flags & 1U) != 0) options.array = "train";
  options.require_text = (flags & 2U) == 0;
  options.require_category = (flags & 4U) == 0;
  options.read_labels = (flags & 8U) == 0;
  if ((flags & 16U) != 0) options.max_row_bytes = 128;
  const std::size_t piece = std::size_t{choices.Byte()} + 1;
  const Dataset whole = ReadDataset(choices.rest(), options);
  const Dataset pieces = ReadInPieces(choices.rest(), options, piece);
  CheckThat(whole.format == pieces.format && whole.stopped == pieces.stopped,
            "format and stop do not depend on the pieces");
  CheckThat(SameErrors(whole.errors, pieces.errors) && SameErrors(whole.warnings, pieces.warnings),
            "errors do not depend on the pieces");
  CheckThat(whole.samples.size() == pieces.samples.size(), "rows do not depend on the pieces");
  for (std::size_t i = 0; i < whole.samples.size(); ++i) {
    CheckThat(SameSample(whole.samples[i], pieces.samples[i]) &&
                  whole.samples[i].line == pieces.samples[i].line,
              "samples do not depend on the pieces");
    CheckSample(whole.samples[i], options);
  }
  for (const RowError& error : whole.errors) {
    CheckThat(!error.message.empty() && !error.field.empty(), "an error says what and where");
    const std::string line = FormatRowError("data", error);
    CheckThat(RepairUtf8(line) == line, "an error's text is well-formed");
  }
}

std::vector<std::string> Seeds() {
  const std::string deep(5000, '[');
  return {"\1\1{\"train\": " + deep, std::string("\2\200") + deep,
          "\2\7title,category\n" + std::string(5000, '"')};
}

}  // namespace smartsynch::fuzz
