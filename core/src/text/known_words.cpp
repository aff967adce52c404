#include "smartsynch/text/known_words.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>
#include <unordered_set>
#include <vector>

#include "smartsynch/text/normalizer.h"
#include "smartsynch/text/spelling.h"

namespace smartsynch {
namespace {

constexpr std::size_t kShortestKnown = 3;
constexpr std::size_t kLongestKnown = 24;
constexpr std::uint32_t kFewestOfVocabulary = 4;

bool IsListed(const std::string& word) {
  return word.size() >= kShortestKnown && word.size() <= kLongestKnown &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

std::string KnownWords(std::span<const std::string> texts, const WordPiece& vocabulary) {
  std::map<std::string, std::uint32_t> counts;
  for (const std::string& text : texts) {
    WordReader reader(text);
    while (reader.Next()) {
      if (IsListed(reader.word())) ++counts[reader.word()];
    }
  }
  std::unordered_set<std::string_view> tokens;
  for (std::size_t id = Spelling::kFirstWordId; id < vocabulary.vocabulary_size(); ++id) {
    tokens.insert(vocabulary.token(static_cast<std::int32_t>(id)));
  }
  std::vector<std::string> lines;
  for (const auto& [word, count] : counts) {
    if (count < kFewestOfVocabulary && tokens.contains(word)) continue;
    const auto line = static_cast<std::size_t>(std::bit_width(count)) - 1;
    if (lines.size() <= line) lines.resize(line + 1);
    if (!lines[line].empty()) lines[line] += ' ';
    lines[line] += word;
  }
  std::string joined;
  for (const std::string& line : lines) joined += line + "\n";
  return joined;
}

}  // namespace smartsynch
