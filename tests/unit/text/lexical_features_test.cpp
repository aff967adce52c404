#include "smartsynch/text/lexical_features.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "smartsynch/base/hash.h"

using smartsynch::Fnv1a64;
using smartsynch::kMaxLexicalWords;
using smartsynch::LexicalFeatures;

namespace {

using Buckets = std::vector<std::uint32_t>;

// The bucket of one feature, as the header describes it, for 2^20 buckets.
std::uint32_t Bucket(const std::string& key) {
  const std::uint64_t hash = Fnv1a64(key);
  return static_cast<std::uint32_t>((hash ^ (hash >> 32U)) & 0xFFFFFU);
}

Buckets BucketsOf(const std::vector<std::string>& keys) {
  Buckets buckets;
  for (const std::string& key : keys) buckets.push_back(Bucket(key));
  std::sort(buckets.begin(), buckets.end());
  return buckets;
}

std::string Repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("a word gives itself and its n-grams of 2 to 5 between marks") {
  CHECK(LexicalFeatures("ab", 20) ==
        BucketsOf({"wab", "c<a", "cab", "cb>", "c<ab", "cab>", "c<ab>"}));
  CHECK(LexicalFeatures("a", 20) == BucketsOf({"wa", "c<a", "ca>", "c<a>"}));
}

TEST_CASE("neighbouring words give a pair, in their order") {
  CHECK(LexicalFeatures("a b", 20) ==
        BucketsOf({"wa", "c<a", "ca>", "c<a>", "wb", "c<b", "cb>", "c<b>", "ba b"}));
  CHECK(LexicalFeatures("a b", 20) != LexicalFeatures("b a", 20));
}

TEST_CASE("n-grams count code points, not bytes") {
  // Two ideographs are two words of one code point each.
  CHECK(LexicalFeatures("\xE4\xB8\xAD\xE6\x96\x87", 20) ==
        BucketsOf({"w\xE4\xB8\xAD", "c<\xE4\xB8\xAD", "c\xE4\xB8\xAD>", "c<\xE4\xB8\xAD>",
                   "w\xE6\x96\x87", "c<\xE6\x96\x87", "c\xE6\x96\x87>", "c<\xE6\x96\x87>",
                   "b\xE4\xB8\xAD \xE6\x96\x87"}));
  const std::string emoji = "\xF0\x9F\x98\x80";
  CHECK(LexicalFeatures(emoji, 20) ==
        BucketsOf({"w" + emoji, "c<" + emoji, "c" + emoji + ">", "c<" + emoji + ">"}));
}

TEST_CASE("bucket numbers are these, for ever: a trained model depends on them") {
  CHECK(LexicalFeatures("Fix login", 15) ==
        Buckets{1684,  2088,  3165,  7631,  10450, 10693, 11618, 11794, 12199, 13412, 15609,
                16456, 18073, 20314, 20381, 21227, 24150, 24246, 24395, 24612, 26183, 26363,
                26542, 28377, 30245, 31120, 31158, 31541, 32132, 32585, 32616});
  CHECK(LexicalFeatures("Caf\xC3\xA9!", 15) ==
        Buckets{306,   1493,  3820,  5711,  6845,  8656,  9816,  10376, 10879, 18290,
                22672, 22711, 23904, 24844, 25698, 26988, 28088, 29252, 31407, 31752});
  CHECK(LexicalFeatures("\xE4\xBF\xAE\xE5\xA4\x8D\xE7\x99\xBB\xE5\xBD\x95", 15) ==
        Buckets{1419, 2765, 6358, 6376, 6419, 9255, 9281, 12548, 14729, 16968, 18377, 18404, 18444,
                18461, 20824, 22743, 28055, 29183, 32500});
  CHECK(LexicalFeatures("\xF0\x9F\x9A\x80 v2", 15) == Buckets{12204, 12291, 15171, 17101, 21677,
                                                              22139, 23484, 24469, 28239, 30211,
                                                              31008, 31998});
  CHECK(LexicalFeatures("\xE6\x97\xA5\xE5\xBF\x97 log", 20) ==
        Buckets{59859,  207358, 232442, 286539, 356978, 360296, 376057,
                413263, 470024, 541368, 554411, 581431, 601927, 608827,
                647850, 687945, 777910, 828549, 916277, 943253, 962223});
}

TEST_CASE("case, accents, spacing and damaged bytes make no difference") {
  const Buckets cafe = LexicalFeatures("cafe login", 15);
  for (const char* text : {"Caf\xC3\xA9 LOGIN", "CAFE\xCC\x81\tlogin", "  cafe \n\n login  ",
                           "caf\xC3\xA9\xFF\xFE login",
                           "ca\xE2\x80\x8B"
                           "fe login"}) {
    CHECK(LexicalFeatures(text, 15) == cafe);
  }
}

TEST_CASE("a blank text has no feature") {
  for (const char* text : {"", " ", "\t\r\n", "\xE2\x80\x8B", "\xFF\xFE", "\xCC\x81", "\x01\x02"}) {
    CHECK(LexicalFeatures(text, 15).empty());
  }
}

TEST_CASE("buckets ascend, each once, and stay below their number") {
  for (const std::size_t bits : {1U, 2U, 8U, 15U, 20U, 32U}) {
    const Buckets buckets = LexicalFeatures("Fix the login, the login and the LOGIN again!", bits);
    CHECK(std::is_sorted(buckets.begin(), buckets.end()));
    CHECK(std::adjacent_find(buckets.begin(), buckets.end()) == buckets.end());
    CHECK(std::uint64_t{buckets.back()} < (std::uint64_t{1} << bits));
  }
  CHECK(LexicalFeatures("fix", 0) == Buckets{0});
  CHECK(LexicalFeatures("fix", 64) == LexicalFeatures("fix", 32));
  CHECK(LexicalFeatures("fix", 1000) == LexicalFeatures("fix", 32));
}

TEST_CASE("of few buckets, where a long text's are marked, and of many, where they are sorted") {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "word" + std::to_string(i * 7919) + " ";
  std::vector<std::uint32_t> folded = LexicalFeatures(text, 30);
  for (std::uint32_t& bucket : folded) bucket &= (1U << 15U) - 1;
  std::sort(folded.begin(), folded.end());
  folded.erase(std::unique(folded.begin(), folded.end()), folded.end());
  CHECK(LexicalFeatures(text, 15) == folded);
}

TEST_CASE("words beyond the limit, and what is long in a word, add nothing") {
  std::string words;
  for (int i = 0; i < 10000; ++i) words += "word" + std::to_string(i) + " ";
  const Buckets all = LexicalFeatures(words, 20);
  CHECK(all.size() < kMaxLexicalWords * 50);
  std::string first;
  for (std::size_t i = 0; i < kMaxLexicalWords; ++i) first += "word" + std::to_string(i) + " ";
  CHECK(all == LexicalFeatures(first, 20));
  CHECK(all != LexicalFeatures(words.substr(0, first.size() - 8), 20));

  const std::string long_word = Repeat("abcdefgh", 4);
  CHECK(LexicalFeatures(long_word + Repeat("xyz", 1000000), 20) == LexicalFeatures(long_word, 20));
  const std::string accented = Repeat("\xC3\xB8", 32);
  CHECK(LexicalFeatures(accented + "x", 20) == LexicalFeatures(accented, 20));
}
