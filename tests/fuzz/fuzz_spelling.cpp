// Correcting words of one text. An input is known words in lines, a NUL and a text; without a NUL
// it is a text for the built-in words.
#include <algorithm>

#include "fuzz_target.h"
#include "smartsynch/text/spelling.h"
#include "smartsynch/text/wordpiece.h"

namespace smartsynch::fuzz {
namespace {

constexpr std::string_view kWords =
    "conference kubernetes planning promotion workshop\n\nmeeting project weekly\nthe with notes\n";
constexpr std::size_t kMaxWordsBytes = 1000;
constexpr std::size_t kMaxText = 1000;

const WordPiece& Vocabulary() {
  static const WordPiece vocabulary = [] {
    std::string lines = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    for (std::size_t id = 5; id < Spelling::kFirstWordId; ++id) {
      lines += "[unused" + std::to_string(id) + "]\n";
    }
    return *WordPiece::FromVocabulary(lines + "review\ndesign\nab\n##ab\n");
  }();
  return vocabulary;
}

bool IsOfWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

struct Words {
  std::vector<std::string> words;
  std::string between;  // with a NUL for each word
};

Words Split(std::string_view text) {
  Words split;
  bool in_word = false;
  for (const char c : text) {
    if (!IsOfWord(c)) {
      split.between += c;
    } else if (in_word) {
      split.words.back() += c;
    } else {
      split.words.emplace_back(1, c);
      split.between += '\0';
    }
    in_word = IsOfWord(c);
  }
  return split;
}

}  // namespace

void TestOneInput(std::string_view input) {
  const std::size_t nul = input.find('\0');
  const bool has_words = nul != std::string_view::npos && nul <= kMaxWordsBytes;
  const std::string_view known = has_words ? input.substr(0, nul) : kWords;
  const std::string_view text = input.substr(has_words ? nul + 1 : 0, kMaxText);
  const Spelling spelling(Vocabulary(), known);
  const Words before = Split(text);
  const std::string corrected = spelling.Correct(std::string(text));
  SpellingMemo memo;
  for (int round = 0; round < 2; ++round) {
    CheckThat(spelling.Correct(std::string(text), &memo) == corrected, "a memo changes nothing");
  }
  const Words after = Split(corrected);
  CheckThat(before.between == after.between, "what is between the words is kept");
  CheckThat(before.words.size() == after.words.size(), "a word stays one word");
  std::vector<std::string> meant = {"review", "design", "ab"};
  for (std::string_view rest = known; !rest.empty();) {
    const std::size_t size = std::min(rest.find_first_of(" \n"), rest.size());
    meant.emplace_back(rest.substr(0, size));
    rest.remove_prefix(std::min(size + 1, rest.size()));
  }
  std::size_t changed = 0;
  for (std::size_t i = 0; i < before.words.size(); ++i) {
    if (before.words[i] == after.words[i]) continue;
    ++changed;
    CheckThat(std::find(meant.begin(), meant.end(), before.words[i]) == meant.end(),
              "a known word is left alone");
    CheckThat(std::find(meant.begin(), meant.end(), after.words[i]) != meant.end(),
              "a word becomes a known one");
  }
  CheckThat(changed <= Spelling::kMaxWords, "few words are changed");
}

std::vector<std::string> Seeds() {
  using std::string_literals::operator""s;
  return {"wekly meeting with cnoferece notes", "the kbuerntes pormotion",
          "conference confidence\n\nreview\n\0the cnoferece rvveiew"s,
          std::string(24, 'z') + "\0"s + std::string(23, 'z') + "y z"};
}

}  // namespace smartsynch::fuzz
