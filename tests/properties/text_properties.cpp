#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "generators.h"
#include "smartsynch/engine/prediction_cache.h"
#include "smartsynch/text/lexical_features.h"
#include "smartsynch/text/normalizer.h"
#include "smartsynch/text/task_text.h"
#include "smartsynch/text/utf8.h"
#include "support/tiny_model.h"

namespace smartsynch {
namespace {

using testing::Texts;

std::vector<std::string> Words(const std::string& text) {
  std::vector<std::string> words;
  WordReader reader(text);
  while (reader.Next()) words.push_back(reader.word());
  return words;
}

TEST_CASE("repairing, cleaning to words, and the key are idempotent") {
  CHECK(rc::check([] {
    const std::string text = *Texts();
    const std::string repaired = RepairUtf8(text);
    RC_ASSERT(RepairUtf8(repaired) == repaired);
    RC_ASSERT(Words(repaired) == Words(text));
    RC_ASSERT(Words(CleanText(text)) == Words(text));
    const std::string key = NormalizedTaskKey(text);
    RC_ASSERT(NormalizedTaskKey(key) == key);
    RC_ASSERT(IsBlank(text) == key.empty());
  }));
}

TEST_CASE("title and description make one text, whichever holds the words") {
  CHECK(rc::check([] {
    const std::string title = *Texts();
    const std::string description = *Texts();
    const std::string joined = JoinTaskText(title, description);
    RC_ASSERT(NormalizedTaskKey(joined) == NormalizedTaskKey(title, description));
    RC_ASSERT(JoinTaskText("", joined) == joined);
  }));
}

TEST_CASE("equal cache keys mean equal token ids and features") {
  CHECK(rc::check([] {
    const std::string text = *Texts();
    std::string other = text;
    for (char& c : other) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const std::string key = PredictionCacheKey(text);
    RC_PRE(!key.empty() && key == PredictionCacheKey(other));
    const WordPiece tokenizer = testing::TinyTokenizer();
    RC_ASSERT(tokenizer.Encode(JoinTaskText(text)).ids ==
              tokenizer.Encode(JoinTaskText(other)).ids);
    RC_ASSERT(LexicalFeatures(text, 12) == LexicalFeatures(other, 12));
  }));
}

TEST_CASE("features ascend below 2^bits, each once") {
  CHECK(rc::check([] {
    const std::string text = *Texts();
    const std::size_t bits = *rc::gen::inRange<std::size_t>(1, 20);
    const std::vector<std::uint32_t> features = LexicalFeatures(text, bits);
    RC_ASSERT(std::is_sorted(features.begin(), features.end()));
    RC_ASSERT(std::adjacent_find(features.begin(), features.end()) == features.end());
    for (const std::uint32_t feature : features) RC_ASSERT(feature < (std::uint32_t{1} << bits));
  }));
}

TEST_CASE("a cut encoding is the beginning of the whole one") {
  CHECK(rc::check([] {
    const std::string text = *Texts();
    const std::size_t limit = *rc::gen::inRange<std::size_t>(0, 12);
    const WordPiece tokenizer = testing::TinyTokenizer();
    const std::vector<std::int32_t> whole = tokenizer.Encode(text, 1U << 20U).ids;
    const Encoding cut = tokenizer.Encode(text, limit);
    RC_ASSERT(cut.ids.size() <= std::max<std::size_t>(limit, 2));
    RC_ASSERT(std::equal(cut.ids.begin(), cut.ids.end() - 1, whole.begin()));
    RC_ASSERT(cut.truncated == (cut.ids.size() < whole.size()));
  }));
}

}  // namespace
}  // namespace smartsynch
