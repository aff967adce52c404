#include "smartsynch/learn/dataset.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using smartsynch::Dataset;
using smartsynch::DatasetFormat;
using smartsynch::DatasetOptions;
using smartsynch::FormatRowError;
using smartsynch::ReadDataset;
using smartsynch::Sample;
using smartsynch::SampleToJsonLine;

namespace {

// The one error of an input that has exactly one, as "line:field".
std::string OnlyError(const Dataset& dataset) {
  REQUIRE(dataset.errors.size() == 1);
  return std::to_string(dataset.errors[0].line) + ":" + dataset.errors[0].field;
}

}  // namespace

TEST_CASE("the three formats give the same samples") {
  const std::string document =
      "{\"version\": [1, {\"samples\": 2}], \"samples\": [\n"
      " {\"title\": \"Fix login\", \"description\": \"500, always\", \"category\": "
      "\"Development\"},\n"
      " {\"title\": \"Logo \\\"A\\\"\", \"category\": \"Design\", \"confidence\": 0.5}\n"
      "], \"note\": \"end\"}\n";
  const std::string lines =
      "{\"title\":\"Fix login\",\"description\":\"500, "
      "always\",\"label\":\"Development\",\"id\":7}\n"
      "\n"
      "{\"text\":\"Logo \\\"A\\\"\",\"category\":\"Design\",\"confidence\":0.5}";
  const std::string csv =
      "\xEF\xBB\xBFTitle,Description,Category,confidence,extra\r\n"
      "Fix login,\"500, always\",Development,,x\r\n"
      "\"Logo \"\"A\"\"\",,Design,0.5,\r\n";
  const auto check = [](const Dataset& dataset, DatasetFormat format) {
    CHECK(dataset.format == format);
    CHECK(dataset.errors.empty());
    CHECK(dataset.warnings.empty());
    REQUIRE(dataset.samples.size() == 2);
    CHECK(dataset.samples[0].title == "Fix login");
    CHECK(dataset.samples[0].description == "500, always");
    CHECK(dataset.samples[0].category == "Development");
    CHECK(dataset.samples[0].weight == 1.0F);
    CHECK(dataset.samples[1].title == "Logo \"A\"");
    CHECK(dataset.samples[1].description.empty());
    CHECK(dataset.samples[1].category == "Design");
    CHECK(dataset.samples[1].weight == 0.5F);
  };
  check(ReadDataset(document), DatasetFormat::kJson);
  check(ReadDataset(lines), DatasetFormat::kJsonLines);
  check(ReadDataset(csv), DatasetFormat::kCsv);
  CHECK(ReadDataset(document).samples[1].line == 3);
  CHECK(ReadDataset(lines).samples[1].line == 3);
  CHECK(ReadDataset(csv).samples[1].line == 3);
}

TEST_CASE("the format is told by content") {
  struct Case {
    const char* text;
    DatasetFormat format;
  };
  const Case cases[] = {
      {"", DatasetFormat::kUnknown},
      {" \n\r\n\t", DatasetFormat::kUnknown},
      {"\xEF\xBB\xBF", DatasetFormat::kUnknown},
      {"{\"samples\":[]}", DatasetFormat::kJson},
      {"{\n \"title\": \"My set\", \"samples\": []}", DatasetFormat::kJson},
      {"{\"title\":\"My set\",\"samples\":[]}", DatasetFormat::kJson},
      {"{\"title\":\"samples\",\"label\":\"a\"}", DatasetFormat::kJsonLines},
      {"\n\n  {\"title\":\"{[\",\"label\":\"a\"}\n", DatasetFormat::kJsonLines},
      {"{\"title\":\"left open\n{\"title\":\"b\",\"label\":\"a\"}\n", DatasetFormat::kJsonLines},
      {"{\"title\":\"left open\"\n{\"title\":\"b\",\"label\":\"a\"}\n", DatasetFormat::kJsonLines},
      {"{}", DatasetFormat::kJsonLines},
      {"title,label\na,b\n", DatasetFormat::kCsv},
      {"\"title\",\"label\"\na,b\n", DatasetFormat::kCsv},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(ReadDataset(c.text).format == c.format);
  }
}

TEST_CASE("a bad sample of a one-line document is found by its place in the array") {
  const Dataset dataset = ReadDataset(
      R"({"samples":[{"title":"a","label":"A"},{"title":7,"label":"A"},5,{"title":"b","label":"B","confidence":2}]})");
  CHECK(dataset.samples.size() == 1);
  REQUIRE(dataset.errors.size() == 3);
  CHECK(dataset.errors[0].field == "samples[1].title");
  CHECK(dataset.errors[1].field == "samples[2]");
  CHECK(dataset.errors[2].field == "samples[3].confidence");
}

TEST_CASE("where labels are not read, whatever they hold is fine") {
  smartsynch::DatasetOptions texts_only;
  texts_only.read_labels = false;
  const char* const inputs[] = {
      R"({"title":"Fix","label":7,"confidence":"x"})",
      R"({"samples":[{"title":"Fix","label":null,"confidence":[1]}]})",
      "title,label,confidence\nFix,,high\n",
      "title\nFix\n",
  };
  for (const char* input : inputs) {
    CAPTURE(input);
    const Dataset dataset = ReadDataset(input, texts_only);
    CHECK(dataset.errors.empty());
    REQUIRE(dataset.samples.size() == 1);
    CHECK(dataset.samples[0].title == "Fix");
    CHECK(dataset.samples[0].category.empty());
    CHECK(dataset.samples[0].weight == 1.0F);
  }
}

TEST_CASE("every malformed JSON row is reported with its line, field and value") {
  struct Case {
    const char* row;
    const char* where;     // line:field
    const char* fragment;  // of the message
  };
  const Case cases[] = {
      {R"({"label":"A"})", "2:title", "found no title"},
      {R"({"title":null,"label":"A"})", "2:title", "found null, expected a string"},
      {R"({"title":7,"label":"A"})", "2:title", "found 7, expected a string"},
      {R"({"text":["x"],"label":"A"})", "2:text", "found an array, expected a string"},
      {R"({"title":"","label":"A"})", "2:title", "found no word"},
      {R"({"title":"  \u200b ","description":"\n","label":"A"})", "2:title", "found no word"},
      {R"({"title":"x","description":{},"label":"A"})", "2:description", "found an object"},
      {R"({"title":"x"})", "2:category", "found no category"},
      {R"({"title":"x","category":null})", "2:category", "found null, expected a string"},
      {R"({"title":"x","label":true})", "2:label", "found true, expected a string"},
      {R"({"title":"x","label":" "})", "2:label", "found an empty category"},
      {R"({"title":"x","label":"A","confidence":null})", "2:confidence",
       "found null, expected a n"},
      {R"({"title":"x","label":"A","confidence":"0.5"})", "2:confidence", "found \"0.5\", expec"},
      {R"({"title":"x","label":"A","confidence":1.5})", "2:confidence",
       "found 1.5, expected a num"},
      {R"({"title":"x","label":"A","confidence":-1})", "2:confidence",
       "found -1, expected a number"},
      {R"({"title":"x","label":"A","confidence":true})", "2:confidence", "found true, expected"},
      {R"({"title":"x","label":"A","confidence":NaN})", "2:confidence", "found \"NaN\" at byte"},
      {R"({"title":"x","label":"A","confidence":-Infinity})", "2:confidence", "\"-Infinity\""},
      {R"({"title":"x","label":"A","confidence":1e999})", "2:confidence", "\"1e999\""},
      {R"({"title":"x","label":"A","confidence":})", "2:confidence", "found \"}\" at byte"},
      {R"({"title":"x","label":"A")", "2:row", "found the end of the row"},
      {R"({"title":"x" "label":"A"})", "2:row", "expected valid JSON"},
      {R"({"title":"x","label":"A"} trailing)", "2:row", "found \"trailing\""},
      {R"({"title":'x',"label":"A"})", "2:title", "expected valid JSON"},
      {R"(["x","A","more"])", "2:row", "found an array of 3 values"},
      {R"([])", "2:row", "found an array of 0 values"},
      {R"([null,"A"])", "2:title", "found null"},
      {R"(12)", "2:row", "found \"12\", expected an object"},
      {R"("text")", "2:row", "expected an object"},
      {R"(title,label)", "2:row", "found \"title\" at byte"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.row);
    const std::string good = "{\"title\":\"first\",\"label\":\"A\"}\n";
    const Dataset dataset = ReadDataset(good + c.row + "\n" + good);
    CHECK(dataset.samples.size() == 2);
    CHECK(OnlyError(dataset) == c.where);
    CHECK_MESSAGE(dataset.errors[0].message.find(c.fragment) != std::string::npos,
                  dataset.errors[0].message);
  }
}

TEST_CASE("absent and null fields that are not needed are empty, unknown ones are ignored") {
  DatasetOptions options;
  options.require_category = false;
  const Dataset dataset = ReadDataset(
      "{\"title\":\"a\",\"description\":null,\"label\":null,\"lang\":7,\"tags\":[{\"title\":[]}]}\n"
      "{\"title\":\"b\",\"lang\":\"de\",\"confidence\":0}\n"
      "{\"title\":\"c\",\"text\":\"d\",\"label\":\" L \",\"category\":\"M\",\"confidence\":1}\n"
      "{\"title\":\"e\",\"title\":\"f\"}\n",
      options);
  CHECK(dataset.errors.empty());
  REQUIRE(dataset.samples.size() == 4);
  CHECK(dataset.samples[0].title == "a");
  CHECK(dataset.samples[0].category.empty());
  CHECK(dataset.samples[0].language.empty());
  CHECK(dataset.samples[1].language == "de");
  CHECK(dataset.samples[1].weight == 0.0F);
  CHECK(dataset.samples[2].title == "c");
  CHECK(dataset.samples[2].category == "L");
  CHECK(dataset.samples[3].title == "f");
}

TEST_CASE("a blank title is a row where no text is required") {
  DatasetOptions options;
  options.require_text = false;
  options.require_category = false;
  const Dataset dataset = ReadDataset("{\"title\":\"\"}\n{\"title\":\" \"}\n{}\n", options);
  CHECK(dataset.samples.size() == 2);
  CHECK(OnlyError(dataset) == "3:title");
}

TEST_CASE("a named array of a document is read, pairs included") {
  const std::string text =
      "{\"oos\": [[\"no\", \"oos\"]],\n \"train\": [\n  [\n   \"book a table\",\n   \"eat\"\n  ],\n"
      "  [\"fly\", \"go\"]], \"test\": []}";
  DatasetOptions options;
  options.array = "train";
  const Dataset dataset = ReadDataset(text, options);
  CHECK(dataset.errors.empty());
  REQUIRE(dataset.samples.size() == 2);
  CHECK(dataset.samples[0].title == "book a table");
  CHECK(dataset.samples[0].category == "eat");
  CHECK(dataset.samples[0].line == 3);
  CHECK(dataset.samples[1].line == 7);
  options.array = "validation";
  CHECK(OnlyError(ReadDataset(text, options)) == "7:validation");
}

TEST_CASE("what cannot be read on is one error, and the rows before it stay") {
  struct Case {
    const char* text;
    std::size_t samples;
    const char* where;
  };
  const Case cases[] = {
      {"{\n}", 0, "2:samples"},
      {"{\n\"samples\": {}}", 0, "2:samples"},
      {"{\"samples\": [{\"title\":\"a\",\"label\":\"A\"}", 1, "1:samples"},
      {"{\"samples\": [{\"title\":\"a\",\"label\":\"A\"},\n{\"title\":\"b\"", 1, "2:row"},
      {"{\"samples\": [{\"title\":\"a\",\"label\":\"A\"},\n{\"title\":\"b\"], []]}", 1, "2:row"},
      {"{\"samples\": [{\"title\":\"a\",\"label\":\"A\"}]}\n{}", 1, "2:row"},
      {"{\"samples\": [{\"title\":\"a\",\"label\":\"A\"}]\n x}", 1, "2:row"},
      {"[{\"title\":\"a\",\"label\":\"A\"}]", 0, "1:row"},
      {"\xFF\xFEt\0i\0", 0, "1:row"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const Dataset dataset = ReadDataset(c.text);
    CHECK(dataset.samples.size() == c.samples);
    CHECK(OnlyError(dataset) == c.where);
    CHECK(dataset.stopped);
  }
}

TEST_CASE("one bad sample of a document does not spoil the next") {
  const Dataset dataset = ReadDataset(
      "{\"samples\": [\n"
      "{\"title\": \"say \"hi\" now\", \"label\": \"A\"},\n"
      "{\"title\": \"odd \" quote\", \"label\": \"A\"},\n"
      "{\"title\": \"good\", \"label\": \"A\"}\n"
      "{\"title\": \"no comma\", \"label\": \"A\"},,\n"
      "null,\n"
      "{\"title\": \"]}\", \"label\": \"A\"},\n"
      "]}");
  CHECK_FALSE(dataset.stopped);
  REQUIRE(dataset.samples.size() == 3);
  CHECK(dataset.samples[0].title == "good");
  CHECK(dataset.samples[1].title == "no comma");
  CHECK(dataset.samples[2].title == "]}");
  std::vector<std::size_t> lines;
  for (const auto& error : dataset.errors) lines.push_back(error.line);
  CHECK(lines == std::vector<std::size_t>{2, 3, 5, 5, 6, 8});
}

TEST_CASE("damaged UTF-8 and half surrogate pairs are repaired, with a warning") {
  const Dataset dataset = ReadDataset(
      "{\"title\":\"caf\xE9 au lait\",\"label\":\"A\"}\n"
      "{\"title\":\"smile \\ud83d\",\"label\":\"A\"}\n"
      "{\"title\":\"\\udE00x \\\\ud83d \\ud83d\\ude00 \\ud83d\\ud83d\\ude00\",\"label\":\"A\"}\n"
      "{\"title\":\"whole \\ud83d\\ude00 \xF0\x9F\x98\x80\",\"label\":\"A\"}\n");
  CHECK(dataset.errors.empty());
  REQUIRE(dataset.samples.size() == 4);
  CHECK(dataset.samples[0].title == "caf\xEF\xBF\xBD au lait");
  CHECK(dataset.samples[1].title == "smile \xEF\xBF\xBD");
  CHECK(dataset.samples[2].title ==
        "\xEF\xBF\xBDx \\ud83d \xF0\x9F\x98\x80 \xEF\xBF\xBD\xF0\x9F\x98\x80");
  CHECK(dataset.samples[3].title == "whole \xF0\x9F\x98\x80 \xF0\x9F\x98\x80");
  REQUIRE(dataset.warnings.size() == 3);
  CHECK(dataset.warnings[0].line == 1);
  CHECK(dataset.warnings[1].line == 2);
  CHECK(dataset.warnings[2].line == 3);
}

TEST_CASE("deep nesting is read without recursion") {
  const std::string deep(500000, '[');
  const std::string row =
      "{\"x\":" + deep + std::string(500000, ']') + ",\"title\":\"a\",\"label\":\"A\"}";
  CHECK(ReadDataset(row + "\n").samples.size() == 1);
  CHECK(ReadDataset("{\"samples\":[" + row + "]}").samples.size() == 1);
  CHECK(ReadDataset("{\"samples\":[" + deep).errors.size() == 1);
  CHECK(ReadDataset("{\"x\":" + deep + deep + deep).errors.size() == 1);
}

TEST_CASE("a sample written as a line is read back the same") {
  Sample sample;
  sample.title = "Caf\xC3\xA9 \"x\"\n\xF0\x9F\x98\x80\\";
  sample.description = std::string("a\0b\x1F", 4);
  sample.category = "R&D";
  sample.weight = 0.3F;
  sample.language = "fr";
  const std::string line = SampleToJsonLine(sample);
  CHECK(line.find('\n') == line.size() - 1);
  const Dataset dataset = ReadDataset(line);
  REQUIRE(dataset.samples.size() == 1);
  CHECK(dataset.samples[0].title == sample.title);
  CHECK(dataset.samples[0].description == sample.description);
  CHECK(dataset.samples[0].category == sample.category);
  CHECK(dataset.samples[0].weight == sample.weight);
  CHECK(dataset.samples[0].language == sample.language);
}

TEST_CASE("an error's text names file, line and field, and keeps control characters out") {
  const Dataset dataset = ReadDataset("title,label,confidence\nx,A,\"hi\x1B[2J\ngh\"\n");
  REQUIRE(dataset.errors.size() == 1);
  CHECK(FormatRowError("data.csv", dataset.errors[0]) ==
        "data.csv:2: confidence: found \"hi [2J gh\", expected a number from 0 to 1");
  const Dataset longer =
      ReadDataset("title,label,confidence\nx,A," + std::string(5000, 'y') + "\n");
  REQUIRE(longer.errors.size() == 1);
  CHECK(longer.errors[0].message.size() < 120);
}
