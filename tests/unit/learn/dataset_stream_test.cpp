#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "smartsynch/base/random.h"
#include "smartsynch/learn/dataset.h"

using smartsynch::Dataset;
using smartsynch::DatasetOptions;
using smartsynch::DatasetReader;
using smartsynch::DatasetRow;
using smartsynch::Random;
using smartsynch::ReadDataset;

namespace {

// Rows and errors in order, one word each, so that two readings can be compared.
std::vector<std::string> Outline(DatasetReader& reader) {
  std::vector<std::string> outline;
  while (std::optional<DatasetRow> row = reader.Next()) {
    if (row->sample) {
      outline.push_back(std::to_string(row->sample->line) + "=" + row->sample->title + "|" +
                        row->sample->category + "|" + std::to_string(row->warnings.size()));
    } else {
      const auto& error = row->sample.error();
      outline.push_back(std::to_string(error.line) + "!" + error.field + " " + error.message);
    }
  }
  return outline;
}

std::vector<std::string> ReadInPieces(const std::string& text, std::size_t piece,
                                      const DatasetOptions& options) {
  DatasetReader reader(options);
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    reader.Feed(std::string_view(text).substr(at, piece));
    for (std::string& entry : Outline(reader)) all.push_back(std::move(entry));
  }
  reader.Finish();
  for (std::string& entry : Outline(reader)) all.push_back(std::move(entry));
  return all;
}

const char* const kInputs[] = {
    "\xEF\xBB\xBFtitle,label\r\n\"a\r\nb\",A\r\nc\xC3\xA9,\"B\"\r\nbad\r\nd\xE9,C",
    "\xEF\xBB\xBF\n{\"title\":\"caf\xC3\xA9 \\ud83d\\ude00\",\"label\":\"A\"}\r\n{\"title\":1}\n"
    "{\"text\":\"b\",\"label\":\"B\"}",
    "{\n\"a\": [1, {\"b\": \"]}\\\"\"}], \"samples\": [ {\"title\":\"x\",\"label\":\"A\"},\n"
    "[\"y\", \"B\"], 7, {\"title\":\"z\\\\\",\"label\":\"C\"} ] }\n",
    "{\"samples\":[{\"title\":\"x\",\"label\":\"A\"},{\"title\":\"long long long long long long "
    "long long long long long long long long long long long long "
    "long\",\"label\":\"A\"},{\"title\":\"y\",\"label\":\"A\"}]}",
};

}  // namespace

TEST_CASE("the format is told by the same bytes, however they are cut") {
  DatasetOptions options;
  options.max_row_bytes = 128;
  for (const std::string& text : {"{\"titl" + std::string(200, '[') + "\n{}\n",
                                  std::string(200, ' ') + "title,label\nx,A\n"}) {
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{7}, std::size_t{128}, std::size_t{129}}) {
      CHECK(ReadInPieces(text, piece, options) == ReadInPieces(text, text.size(), options));
    }
  }
}

TEST_CASE("how the bytes are cut does not matter") {
  DatasetOptions options;
  options.max_row_bytes = 90;
  for (const char* input : kInputs) {
    CAPTURE(input);
    const std::string text = input;
    const std::vector<std::string> whole = ReadInPieces(text, text.size(), options);
    CHECK(whole.size() >= 3);
    for (std::size_t piece = 1; piece < text.size(); ++piece) {
      CHECK(ReadInPieces(text, piece, options) == whole);
    }
  }
}

TEST_CASE("a row over the limit is one error, and the rows around it are read") {
  const std::string big(3 << 20, 'x');
  const std::string good = "{\"title\":\"a\",\"label\":\"A\"}";
  const std::string huge = "{\"title\":\"" + big + "\",\"label\":\"A\"}";
  const std::string inputs[] = {
      good + "\n" + huge + "\n" + good + "\n",
      "{\"samples\":[" + good + ",\n" + huge + ",\n" + good + "]}",
      "title,label\na,A\n\"" + big + "\",A\na,A\n",
      "title,label\na,A\n" + std::string(3 << 20, ',') + "\na,A\n",
  };
  for (const std::string& input : inputs) {
    const Dataset dataset = ReadDataset(input);
    CHECK(dataset.samples.size() == 2);
    REQUIRE(dataset.errors.size() == 1);
    CHECK(dataset.errors[0].line == (input[0] == 't' ? 3 : 2));
    CHECK(dataset.errors[0].message.find("longer than 1048576 bytes") != std::string::npos);
  }
}

TEST_CASE("a huge first row, header or blank beginning is refused, not kept") {
  const std::string big(3 << 20, 'x');
  CHECK(
      ReadDataset("{\"title\":\"" + big + "\",\"label\":\"A\"}\n{\"title\":\"a\",\"label\":\"A\"}")
          .samples.size() == 1);
  CHECK(ReadDataset(big).errors.size() == 1);
  CHECK(ReadDataset(std::string(3 << 20, ' ')).errors.size() == 1);
  CHECK(ReadDataset("{\"" + big).errors.size() == 1);
  CHECK(ReadDataset("{\n\"" + big + "\": 1, \"samples\": [{\"title\":\"a\",\"label\":\"A\"}]}")
            .samples.size() == 1);
}

TEST_CASE("feeding nothing, finishing twice and feeding after the end are harmless") {
  DatasetReader reader;
  reader.Feed("");
  reader.Finish();
  reader.Finish();
  reader.Feed("title,label\na,A\n");
  CHECK_FALSE(reader.Next().has_value());
  CHECK(ReadDataset("").errors.empty());
}

TEST_CASE("random bytes never crash, and never make the reader lose count of lines") {
  Random random(11);
  const std::string alphabet = "{}[]\",:\\\n\r tiexlabs1\x80\xE2\xF0";
  for (int round = 0; round < 3000; ++round) {
    std::string text = kInputs[random.NextBelow(4)];
    const std::uint32_t changes = 1 + random.NextBelow(6);
    for (std::uint32_t i = 0; i < changes; ++i) {
      const std::size_t at = random.NextBelow(static_cast<std::uint32_t>(text.size()));
      text[at] = alphabet[random.NextBelow(static_cast<std::uint32_t>(alphabet.size()))];
    }
    std::size_t breaks = 1;
    for (const char c : text) breaks += c == '\n' || c == '\r' ? 1 : 0;
    const Dataset dataset = ReadDataset(text);
    bool lines_are_possible = true;
    for (const auto& sample : dataset.samples) {
      lines_are_possible = lines_are_possible && sample.line >= 1 && sample.line <= breaks;
    }
    for (const auto& error : dataset.errors) {
      lines_are_possible = lines_are_possible && error.line >= 1 && error.line <= breaks + 1;
    }
    CHECK_MESSAGE(lines_are_possible, text);
  }
}
