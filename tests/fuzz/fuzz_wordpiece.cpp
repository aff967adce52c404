// WordPiece beside a slow reference. An input is vocabulary lines, a NUL and a text; without a NUL
// it is a text for the built-in vocabulary.
#include "fuzz_target.h"
#include "slow_text.h"
#include "smartsynch/text/utf8.h"
#include "smartsynch/text/wordpiece.h"

namespace smartsynch::fuzz {
namespace {

constexpr std::string_view kSpecial = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
constexpr std::string_view kPieces =
    "a\n##a\nb\n##b\naa\n##aa\nab\n##ab\nabc\n##c\n!\n[\n]\n#\n##s\nlogin\nlog\n##in\n"
    "\xE4\xB8\xAD\n##\xC3\xB8\n\xF0\x9F\x98\x80\n##\xF0\x9F\x98\x80\n";
// So that the limit of a word's length can be reached by short inputs.
constexpr std::size_t kMaxVocabulary = 400;
constexpr std::size_t kMaxText = 4000;

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  Choices choices(text);
  while (!choices.rest().empty()) {
    std::string line(choices.Line());
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

void TestOneInput(std::string_view input) {
  const std::size_t nul = input.find('\0');
  const bool has_vocabulary = nul != std::string_view::npos && nul <= kMaxVocabulary;
  std::string vocabulary(kSpecial);
  vocabulary += has_vocabulary ? input.substr(0, nul) : kPieces;
  const std::string_view text = input.substr(has_vocabulary ? nul + 1 : 0, kMaxText);
  const Result<WordPiece> tokenizer = WordPiece::FromVocabulary(vocabulary);
  if (!tokenizer) {
    CheckThat(has_vocabulary, "the built-in vocabulary is good");
    CheckThat(
        tokenizer.error().code == ErrorCode::kInvalidVocabulary && !tokenizer.error().field.empty(),
        "a bad vocabulary is refused with its line");
    return;
  }
  const std::vector<std::string> tokens = Lines(vocabulary);
  CheckThat(tokenizer->vocabulary_size() == tokens.size(), "a token a line");
  const std::vector<std::int32_t> expected = SlowWordPiece(tokens, text);
  const Encoding whole = tokenizer->Encode(text, static_cast<std::size_t>(-1));
  CheckThat(whole.ids == expected, "Encode answers as the slow reference");
  CheckThat(!whole.truncated, "nothing is cut without a limit");
  for (const std::size_t limit : {std::size_t{2}, std::size_t{5}, WordPiece::kDefaultMaxTokens}) {
    const Encoding cut = tokenizer->Encode(text, limit);
    CheckThat(cut.truncated == (expected.size() > limit), "truncated says what was cut");
    std::vector<std::int32_t> beginning = expected;
    if (cut.truncated) {
      beginning.resize(limit - 1);
      beginning.push_back(expected.back());
    }
    CheckThat(cut.ids == beginning, "a cut text has the first tokens");
  }
}

std::vector<std::string> Seeds() {
  using std::string_literals::operator""s;
  std::string longest;
  for (int i = 0; i < 101; ++i) longest += "a";
  return {longest, longest.substr(1), "x\n##x\n\0xxx x"s, "x\n\xFF\n\0x"s};
}

}  // namespace smartsynch::fuzz
