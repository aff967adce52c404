// UTF-8, cleaning, words, n-grams and keys of one text.
#include <algorithm>

#include "fuzz_target.h"
#include "slow_text.h"
#include "smartsynch/engine/prediction_cache.h"
#include "smartsynch/text/lexical_features.h"
#include "smartsynch/text/normalizer.h"
#include "smartsynch/text/surrogate_escapes.h"
#include "smartsynch/text/task_text.h"
#include "smartsynch/text/utf8.h"

namespace smartsynch::fuzz {
namespace {

void CheckUtf8(std::string_view text) {
  std::u32string decoded;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t before = position;
    decoded += DecodeUtf8(text, position);
    CheckThat(position > before && position - before <= 4 && position <= text.size(),
              "DecodeUtf8 moves by 1 to 4 bytes");
  }
  CheckThat(decoded == SlowDecode(text), "DecodeUtf8 answers as the slow reference");
  const std::string repaired = RepairUtf8(text);
  CheckThat(RepairUtf8(repaired) == repaired, "repaired text is well-formed");
  CheckThat(SlowDecode(repaired) == decoded, "repairing keeps the code points");
}

void CheckWords(std::string_view text) {
  std::vector<std::string> words;
  WordReader reader(text);
  while (reader.Next()) {
    CheckThat(!reader.word().empty(), "a word is never empty");
    words.push_back(reader.word());
  }
  CheckThat(words == SlowWords(text), "WordReader answers as the slow reference");
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : " ") + word;
  CheckThat(NormalizedTaskKey(text) == joined, "the key is the words");
  CheckThat(NormalizedTaskKey(joined) == joined, "the key of a key is itself");
  CheckThat(IsBlank(text) == words.empty(), "blank means without a word");
}

void CheckFeatures(std::string_view text, std::size_t bits) {
  const std::vector<std::uint32_t> features = LexicalFeatures(text, bits);
  CheckThat(std::is_sorted(features.begin(), features.end()), "features ascend");
  CheckThat(std::adjacent_find(features.begin(), features.end()) == features.end(),
            "a feature stands once");
  CheckThat(features.empty() || bits >= 32 || features.back() < (std::uint64_t{1} << bits),
            "features are below 2^bits");
}

}  // namespace

void TestOneInput(std::string_view input) {
  Choices choices(input);
  const std::size_t bits = choices.Byte() % 40U;
  const std::string_view text = choices.rest();
  CheckUtf8(text);
  CheckWords(text);
  CheckFeatures(text, bits);

  std::string json(text);
  RepairSurrogateEscapes(json);
  CheckThat(json.size() == text.size(), "repairing escapes keeps the length");
  CheckThat(!RepairSurrogateEscapes(json), "repaired escapes need no repair");

  const std::size_t half = text.size() / 2;
  const std::string_view title = text.substr(0, half);
  const std::string_view description = text.substr(half);
  const std::string joined = JoinTaskText(title, description);
  CheckThat(joined.size() <= text.size() + 1, "joining adds at most a line break");
  CheckThat(JoinTaskText(joined) == joined, "joined text is trimmed");
  CheckThat(PredictionCacheKey(title, description).size() <= kMaxPredictionKeyBytes,
            "a cache key is bounded");
}

std::vector<std::string> Seeds() { return {std::string(1, '\x0F') + std::string(20000, 'x')}; }

}  // namespace smartsynch::fuzz
