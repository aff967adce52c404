#include "smartsynch/learn/duplicates.h"

#include <doctest/doctest.h>

#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "smartsynch/base/random.h"

using smartsynch::DuplicateOptions;
using smartsynch::DuplicateReport;
using smartsynch::FindDuplicates;
using smartsynch::Random;
using smartsynch::RedundantSamples;
using smartsynch::Sample;

namespace {

Sample Make(std::string title, std::string category = "A", std::string description = {}) {
  Sample sample;
  sample.title = std::move(title);
  sample.category = std::move(category);
  sample.description = std::move(description);
  return sample;
}

// Random texts over a few words, so that many pairs are near the limit.
std::vector<Sample> RandomSamples(std::size_t count, std::uint32_t vocabulary,
                                  std::uint32_t longest, std::uint64_t seed) {
  Random random(seed);
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text;
    const std::uint32_t length = 1 + random.NextBelow(longest);
    for (std::uint32_t w = 0; w < length; ++w) {
      text += "w" + std::to_string(random.NextBelow(vocabulary)) + " ";
    }
    const bool split = random.NextBelow(2) == 0;
    samples.push_back(split
                          ? Make(text.substr(0, text.size() / 2), "A", text.substr(text.size() / 2))
                          : Make(text));
  }
  return samples;
}

std::set<std::string> WordSet(const Sample& sample) {
  std::istringstream words(sample.title + " " + sample.description);
  std::set<std::string> result;
  for (std::string word; words >> word;) result.insert(word);
  return result;
}

}  // namespace

TEST_CASE("exact duplicates are found behind case, accents and spacing, conflicts marked") {
  const DuplicateReport report = FindDuplicates(std::vector<Sample>{
      Make("Caf\xC3\xA9 menu", "A"), Make("other words here", "A"), Make("  cafe   MENU ", "A"),
      Make("cafe menu", "B"), Make("cafe", "A", "menu")});
  REQUIRE(report.exact.size() == 3);
  CHECK(report.exact[0].first == 0);
  CHECK(report.exact[0].later == 2);
  CHECK_FALSE(report.exact[0].conflict);
  CHECK(report.exact[1].later == 3);
  CHECK(report.exact[1].conflict);
  CHECK(report.exact[2].later == 4);
  CHECK_FALSE(report.exact[2].conflict);
  CHECK(RedundantSamples(report) == std::vector<std::size_t>{0, 2, 3, 4});
  CHECK(report.similar.empty());
}

TEST_CASE("more than 60 % shared words is similar, 60 % is not") {
  const std::vector<Sample> samples = {
      Make("alpha beta gamma delta"),               // 3 shared of 5 with the next: exactly 0.6
      Make("alpha beta gamma epsilon"),             //
      Make("one two three four five"),              // 4 of 6 with the next: 0.67
      Make("six, five! two", "A", "three - four"),  // punctuation is no word
  };
  const DuplicateReport report = FindDuplicates(samples);
  REQUIRE(report.similar.size() == 1);
  CHECK(report.similar[0].first == 2);
  CHECK(report.similar[0].second == 3);
  CHECK(report.similar[0].similarity == doctest::Approx(4.0 / 6.0));
}

TEST_CASE("short titles need only differ") {
  CHECK(FindDuplicates(std::vector<Sample>{Make("logo the new"), Make("new the logo")})
            .similar.empty());
  CHECK(FindDuplicates(
            std::vector<Sample>{Make("logo, new", "A", "x y"), Make("new logo", "A", "y x")})
            .similar.empty());
  CHECK(FindDuplicates(
            std::vector<Sample>{Make("new logo", "A", "x y z"), Make("new logo", "A", "z y x")})
            .similar.size() == 1);
  CHECK(FindDuplicates(std::vector<Sample>{Make("a new big logo"), Make("big a new logo")})
            .similar.size() == 1);
  DuplicateOptions options;
  options.short_title_words = 0;
  CHECK(FindDuplicates(std::vector<Sample>{Make("logo the new"), Make("new the logo")}, options)
            .similar.size() == 1);
}

TEST_CASE("openings are the first two words of the title") {
  const DuplicateReport report = FindDuplicates(std::vector<Sample>{
      Make("Fix the door"), Make("fix, the roof"), Make("FIX THE"), Make("call mum"),
      Make("call mum again"), Make("fix"), Make("fix"), Make("plan it")});
  REQUIRE(report.openings.size() == 2);
  CHECK(report.openings[0].words == "fix the");
  CHECK(report.openings[0].count == 3);
  CHECK(report.openings[1].words == "call mum");
  CHECK(report.openings[1].count == 2);
}

TEST_CASE("the index finds exactly the pairs that comparing everything finds") {
  for (const double limit : {0.0, 0.3, 0.5, 0.6, 0.75, 0.999}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      const std::vector<Sample> samples = RandomSamples(120, 12, 9, seed);
      DuplicateOptions options;
      options.max_similarity = limit;
      options.short_title_words = 0;
      const DuplicateReport report = FindDuplicates(samples, options);
      std::set<std::size_t> repeats;
      for (const auto& exact : report.exact) repeats.insert(exact.later);
      std::set<std::pair<std::size_t, std::size_t>> expected;
      for (std::size_t i = 0; i < samples.size(); ++i) {
        const std::set<std::string> a = WordSet(samples[i]);
        for (std::size_t j = i + 1; j < samples.size(); ++j) {
          if (repeats.count(i) + repeats.count(j) > 0) continue;
          const std::set<std::string> b = WordSet(samples[j]);
          std::size_t shared = 0;
          for (const std::string& word : a) shared += b.count(word);
          const double either = static_cast<double>(a.size() + b.size() - shared);
          if (static_cast<double>(shared) / either > limit) expected.emplace(i, j);
        }
      }
      std::set<std::pair<std::size_t, std::size_t>> found;
      for (const auto& pair : report.similar) found.emplace(pair.first, pair.second);
      CHECK(found == expected);
      CHECK(found.size() == report.similar.size());
    }
  }
}

TEST_CASE("texts without words, huge and hostile ones") {
  const std::string many(300000, '!');
  std::string words;
  for (int i = 0; i < 50000; ++i) words += "word" + std::to_string(i) + " ";
  const DuplicateReport report = FindDuplicates(std::vector<Sample>{
      Make(""), Make("..."), Make(many), Make(words), Make(words + "more"), Make("\xFF\xFE\x80")});
  REQUIRE(report.similar.size() == 1);
  CHECK(report.similar[0].first == 3);
  CHECK(report.exact.size() == 1);  // damaged bytes leave nothing: the empty text again
  CHECK(FindDuplicates({}).exact.empty());
}

TEST_CASE("a planted pair is found among ten thousand samples") {
  std::vector<Sample> samples = RandomSamples(10000, 3000, 14, 9);
  samples[17] = Make("paint the garden fence before winter comes");
  samples[9000] = Make("before winter comes paint the fence");
  std::size_t found = 0;
  for (const auto& pair : FindDuplicates(samples).similar) {
    found += pair.first == 17 && pair.second == 9000 ? 1 : 0;
  }
  CHECK(found == 1);
}
