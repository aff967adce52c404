#include <doctest/doctest.h>

#include <string>

#include "smartsynch/learn/dataset.h"

using smartsynch::Dataset;
using smartsynch::ReadDataset;
using smartsynch::SampleToJsonLine;

TEST_CASE("style and split of a row are kept in every format") {
  const std::string json =
      R"({"title":"regr login","category":"A","style":"terse","split":"calibration"})";
  for (const std::string& text :
       {json + "\n", "{\"samples\":[" + json + "]}",
        std::string("title,category,style,split\nregr login,A,terse,calibration\n")}) {
    const Dataset set = ReadDataset(text);
    REQUIRE(set.samples.size() == 1);
    CHECK(set.samples[0].style == "terse");
    CHECK(set.samples[0].split == "calibration");
    CHECK(ReadDataset(SampleToJsonLine(set.samples[0])).samples[0].style == "terse");
    CHECK(ReadDataset(SampleToJsonLine(set.samples[0])).samples[0].split == "calibration");
  }
  const Dataset odd = ReadDataset("{\"title\":\"a\",\"label\":\"A\",\"style\":[1]}\n");
  REQUIRE(odd.samples.size() == 1);
  CHECK(odd.samples[0].style.empty());
  CHECK(SampleToJsonLine(odd.samples[0]).find("style") == std::string::npos);
}
