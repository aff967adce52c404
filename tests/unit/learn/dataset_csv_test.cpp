#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "smartsynch/learn/dataset.h"

using smartsynch::Dataset;
using smartsynch::DatasetOptions;
using smartsynch::ReadDataset;

TEST_CASE("CSV cells: quotes, line breaks, empty lines, line ends") {
  const Dataset dataset = ReadDataset(
      "label,text\r\n"
      "A,plain\r\n"
      "\r\n"
      "B,\"two\r\nlines, one cell\"\r\n"
      "C,\"\"\"quoted\"\"\"\n"
      "D,5\" pipe\r"
      "E,\" spaces \"\n"
      "F,last");
  CHECK(dataset.errors.empty());
  REQUIRE(dataset.samples.size() == 6);
  const char* const titles[] = {
      "plain", "two\r\nlines, one cell", "\"quoted\"", "5\" pipe", " spaces ", "last"};
  const std::size_t lines[] = {2, 4, 6, 7, 8, 9};
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(dataset.samples[i].title == titles[i]);
    CHECK(dataset.samples[i].category == std::string(1, static_cast<char>('A' + i)));
    CHECK(dataset.samples[i].line == lines[i]);
  }
}

TEST_CASE("CSV of a spreadsheet: the header says what separates") {
  for (const std::string separator : {",", ";", "\t"}) {
    CAPTURE(separator);
    const std::string other = separator == ";" ? "," : ";";
    const Dataset dataset = ReadDataset(
        "\xEF\xBB\xBF"
        "Title" +
        separator + "\"Category\"\r\n" + "a" + other + " b" + separator + "A\r\n" + "\"c" +
        separator + " d\"" + separator + "B\r\n");
    CHECK(dataset.errors.empty());
    REQUIRE(dataset.samples.size() == 2);
    CHECK(dataset.samples[0].title == "a" + other + " b");
    CHECK(dataset.samples[1].title == "c" + separator + " d");
    CHECK(dataset.samples[1].category == "B");
  }
  // A column's name in quotes may hold one; what the header lacks is named as it stands there.
  CHECK(ReadDataset("\"a;b\",title,label\n1,2,3\n").samples.size() == 1);
  const Dataset unnamed = ReadDataset("name;label\na;b\n");
  REQUIRE(unnamed.errors.size() == 1);
  CHECK(unnamed.errors[0].message.find("found \"name;label\", expected column names") == 0);
}

TEST_CASE("every malformed CSV row is reported with its line and field") {
  struct Case {
    const char* row;
    const char* field;
    const char* fragment;
  };
  const Case cases[] = {
      {"x,A", "row", "found 2 fields, expected 3"},
      {"x,A,1,2", "row", "found 4 fields, expected 3"},
      {"\"x\" y,A,1", "row", "found text after a closing quote"},
      {"\"x\"y\"z,A,1", "row", "found text after a closing quote"},
      {",A,1", "title", "found no word"},
      {"x,,1", "label", "found an empty category"},
      {"x,A,high", "confidence", "found \"high\", expected a number from 0 to 1"},
      {"x,A,NaN", "confidence", "found \"NaN\""},
      {"x,A,inf", "confidence", "found \"inf\""},
      {"x,A,1.01", "confidence", "found \"1.01\""},
      {"x,A,-0.1", "confidence", "found \"-0.1\""},
      {"x,A,0x1", "confidence", "found \"0x1\""},
      {"x,A,0.5.5", "confidence", "found \"0.5.5\""},
      {"x,A,1e", "confidence", "found \"1e\""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.row);
    const Dataset dataset =
        ReadDataset(std::string("title,label,confidence\nfirst,A,1\n") + c.row + "\nlast,B,0.25\n");
    CHECK(dataset.samples.size() == 2);
    REQUIRE(dataset.errors.size() == 1);
    CHECK(dataset.errors[0].line == 3);
    CHECK(dataset.errors[0].field == c.field);
    CHECK_MESSAGE(dataset.errors[0].message.find(c.fragment) != std::string::npos,
                  dataset.errors[0].message);
  }
}

TEST_CASE("CSV numbers are read as written") {
  const Dataset dataset =
      ReadDataset("title,label,confidence\na,A, 0.5 \nb,A,1e-1\nc,A,+1\nd,A,-0\n");
  CHECK(dataset.errors.empty());
  REQUIRE(dataset.samples.size() == 4);
  CHECK(dataset.samples[0].weight == 0.5F);
  CHECK(dataset.samples[1].weight == 0.1F);
  CHECK(dataset.samples[2].weight == 1.0F);
  CHECK(dataset.samples[3].weight == 0.0F);
}

TEST_CASE("a header that does not say where the text is is refused") {
  const char* const headers[] = {"title|label\na|b\n", "name,label\na,b\n", "title\na\n",
                                 "\n\n\"title\n", "title,description\na,b\n"};
  for (const char* text : headers) {
    CAPTURE(text);
    const Dataset dataset = ReadDataset(text);
    CHECK(dataset.samples.empty());
    REQUIRE(dataset.errors.size() == 1);
    CHECK(dataset.stopped);
  }
  DatasetOptions options;
  options.require_category = false;
  CHECK(ReadDataset("title\na\n\nb\n", options).samples.size() == 2);
}

TEST_CASE("a quote left open takes the rest, and says where it began") {
  const Dataset dataset = ReadDataset("title,label\na,A\n\"b,A\nc,A\n");
  CHECK(dataset.samples.size() == 1);
  REQUIRE(dataset.errors.size() == 1);
  CHECK(dataset.errors[0].line == 3);
  CHECK(dataset.errors[0].message.find("no closing quote") != std::string::npos);
}

TEST_CASE("damaged UTF-8 in a cell is repaired and named") {
  const Dataset dataset = ReadDataset("title,label\nna\xEFve,A\n");
  REQUIRE(dataset.samples.size() == 1);
  CHECK(dataset.samples[0].title == "na\xEF\xBF\xBDve");
  REQUIRE(dataset.warnings.size() == 1);
  CHECK(dataset.warnings[0].line == 2);
  CHECK(dataset.warnings[0].field == "title");
}
