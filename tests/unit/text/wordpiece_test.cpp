#include "smartsynch/text/wordpiece.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "smartsynch/base/hash.h"

using smartsynch::Encoding;
using smartsynch::ErrorCode;
using smartsynch::WordPiece;

namespace {

using Ids = std::vector<std::int32_t>;

//                           0      1      2      3      4       5    6      7      8    9
const std::string kSmall =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nfix\nlog\n##in\nlogin\n##s\n"
    // 10 11 12        13
    "!\ncafe\n\xE4\xB8\xAD\n##\xC3\xB8\n";

WordPiece Small() {
  const auto wordpiece = WordPiece::FromVocabulary(kSmall);
  REQUIRE(wordpiece.has_value());
  return *wordpiece;
}

std::string Message(const std::string& vocabulary) {
  const auto wordpiece = WordPiece::FromVocabulary(vocabulary);
  REQUIRE_FALSE(wordpiece.has_value());
  CHECK(wordpiece.error().code == ErrorCode::kInvalidVocabulary);
  CHECK_FALSE(wordpiece.error().field.empty());
  return wordpiece.error().message;
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the longest piece wins, and one unknown piece makes the word unknown") {
  const WordPiece wordpiece = Small();
  CHECK(wordpiece.Encode("Fix login").ids == Ids{2, 5, 8, 3});
  CHECK(wordpiece.Encode("fixins").ids == Ids{2, 5, 7, 9, 3});
  CHECK(wordpiece.Encode("logs").ids == Ids{2, 6, 9, 3});
  CHECK(wordpiece.Encode("fixx login").ids == Ids{2, 1, 8, 3});
  CHECK(wordpiece.Encode("in").ids == Ids{2, 1, 3});  // "##in" does not begin a word
  CHECK(wordpiece.Encode("##in").ids == Ids{2, 1, 1, 1, 3});
  CHECK(wordpiece.Encode("Caf\xC3\xA9!").ids == Ids{2, 11, 10, 3});
  CHECK(wordpiece.Encode("fix\xE4\xB8\xADlog").ids == Ids{2, 5, 12, 6, 3});
  CHECK(wordpiece.Encode("fix\xC3\xB8s").ids == Ids{2, 5, 13, 9, 3});
}

TEST_CASE("an empty or blank text is [CLS] [SEP] and nothing known") {
  const WordPiece wordpiece = Small();
  for (const std::string text : {"", " \n\t", "\xE2\x80\x8B", "\xFF\xFE", "\xCC\x81"}) {
    const Encoding encoding = wordpiece.Encode(text);
    CHECK(encoding.ids == Ids{2, 3});
    CHECK_FALSE(encoding.truncated);
    CHECK_FALSE(encoding.has_known_token);
  }
}

TEST_CASE("only [CLS], [SEP], [UNK] and [PAD] count as unknown") {
  const WordPiece wordpiece = Small();
  CHECK_FALSE(wordpiece.Encode("quux \xF0\x9F\x98\x80 [PAD][UNK][CLS][SEP]").has_known_token);
  CHECK(wordpiece.Encode("quux fix").has_known_token);
  CHECK(wordpiece.Encode("[MASK]").has_known_token);
  // What was cut off cannot be known.
  CHECK_FALSE(wordpiece.Encode("quux quux fix", 4).has_known_token);
}

TEST_CASE("special tokens are found in the raw text, exactly as written") {
  const WordPiece wordpiece = Small();
  CHECK(wordpiece.Encode("fix[MASK]s").ids == Ids{2, 5, 4, 1, 3});
  CHECK(wordpiece.Encode("[SEP][CLS]").ids == Ids{2, 3, 2, 3});
  CHECK(wordpiece.Encode("[mask]").ids == Ids{2, 1, 1, 1, 3});
  CHECK(wordpiece.Encode("[[MASK]]").ids == Ids{2, 1, 4, 1, 3});
  CHECK(wordpiece.Encode("[MASK").ids == Ids{2, 1, 1, 3});
  CHECK(wordpiece.Encode("[MA\xE2\x80\x8BSK]").ids == Ids{2, 1, 1, 1, 3});
  // A damaged lead byte before a special token does not hide it.
  CHECK(wordpiece.Encode("\xF0[MASK]").ids == Ids{2, 4, 3});
}

TEST_CASE("a text is cut at the limit, and only then") {
  const WordPiece wordpiece = Small();
  CHECK(wordpiece.Encode("fix fix", 4).ids == Ids{2, 5, 5, 3});
  CHECK_FALSE(wordpiece.Encode("fix fix", 4).truncated);
  CHECK_FALSE(wordpiece.Encode("fix fix \n ", 4).truncated);
  CHECK(wordpiece.Encode("fix fix log", 4).ids == Ids{2, 5, 5, 3});
  CHECK(wordpiece.Encode("fix fix log", 4).truncated);
  CHECK(wordpiece.Encode("fix fixins", 4).ids == Ids{2, 5, 5, 3});  // within a word
  CHECK(wordpiece.Encode("fix fixins", 4).truncated);
  CHECK(wordpiece.Encode("fix fix[SEP]", 4).truncated);
  CHECK(wordpiece.Encode("fix [SEP]", 4).ids == Ids{2, 5, 3, 3});
  CHECK_FALSE(wordpiece.Encode("fix [SEP]", 4).truncated);
}

TEST_CASE("a limit below two is two") {
  const WordPiece wordpiece = Small();
  for (const std::size_t limit : {std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
    CHECK(wordpiece.Encode("fix", limit).ids == Ids{2, 3});
    CHECK(wordpiece.Encode("fix", limit).truncated);
    CHECK_FALSE(wordpiece.Encode("", limit).truncated);
  }
}

TEST_CASE("the largest limit holds every token") {
  std::string text;
  for (int i = 0; i < 10000; ++i) text += "fix ";
  const Encoding encoding = Small().Encode(text, static_cast<std::size_t>(-1));
  CHECK(encoding.ids.size() == 10002);
  CHECK_FALSE(encoding.truncated);
}

TEST_CASE("the first tokens of a huge text are those of its beginning") {
  const WordPiece wordpiece = Small();
  std::string start;
  for (int i = 0; i < 400; ++i) start += "fix logins ";
  std::string text = start;
  text.resize(20000000, 'x');
  const Encoding encoding = wordpiece.Encode(text);
  CHECK(encoding.ids.size() == WordPiece::kDefaultMaxTokens);
  CHECK(encoding.ids == wordpiece.Encode(start).ids);
  CHECK(encoding.truncated);
}

TEST_CASE("a word of more than 100 characters is one unknown token") {
  std::string letters = kSmall + "x\n##x\n";
  const auto wordpiece = WordPiece::FromVocabulary(letters);
  REQUIRE(wordpiece.has_value());
  CHECK(wordpiece->Encode(std::string(100, 'x')).ids.size() == 102);
  CHECK(wordpiece->Encode(std::string(101, 'x')).ids == Ids{2, 1, 3});
  CHECK(wordpiece->Encode(std::string(1000000, 'x') + " fix").ids == Ids{2, 1, 5, 3});
  // The longest word that is looked up: 100 characters of 4 bytes.
  std::string emoji;
  for (int i = 0; i < 100; ++i) emoji += "\xF0\x9F\x98\x80";
  CHECK(wordpiece->Encode(emoji).ids == Ids{2, 1, 3});
}

TEST_CASE("a vocabulary knows its size and its hash, and copies answer alike") {
  const WordPiece wordpiece = Small();
  CHECK(wordpiece.vocabulary_size() == 14);
  CHECK(wordpiece.vocabulary_sha256() == smartsynch::Sha256Hex(kSmall));
  const WordPiece copy = wordpiece;
  CHECK(copy.Encode("fix logins").ids == wordpiece.Encode("fix logins").ids);
}

TEST_CASE("Windows line ends and a missing last line break make no difference to the ids") {
  std::string windows;
  for (const char byte : kSmall)
    windows += byte == '\n' ? std::string("\r\n") : std::string(1, byte);
  const std::string unended = kSmall.substr(0, kSmall.size() - 1);
  for (const std::string& text : {windows, unended}) {
    const auto wordpiece = WordPiece::FromVocabulary(text);
    REQUIRE(wordpiece.has_value());
    CHECK(wordpiece->vocabulary_size() == 14);
    CHECK(wordpiece->Encode("fix logins \xE4\xB8\xAD").ids == Ids{2, 5, 8, 9, 12, 3});
  }
}

TEST_CASE("a bad vocabulary is refused with the first bad line") {
  CHECK(Has(Message(kSmall + "fix\nlog\n"), "line 15"));
  CHECK(Has(Message(kSmall + "fix\n"), "line 6"));  // where the token stood first
  CHECK(Has(Message(kSmall + "\nmore\n"), "line 15: the line is empty"));
  CHECK(Has(Message("\n" + kSmall), "line 1: the line is empty"));
  CHECK(Has(Message(kSmall + "\r\n"), "line 15: the line is empty"));
  CHECK(Has(Message(kSmall + "a\xFF\n"), "line 15: the token is not well-formed UTF-8"));
  CHECK(Has(Message(kSmall + "\xED\xA0\x80\n"), "line 15"));
}

TEST_CASE("each special token must be there") {
  for (const std::string token : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}) {
    std::string vocabulary = kSmall;
    vocabulary.erase(vocabulary.find(token), token.size() + 1);
    CHECK(Has(Message(vocabulary), "special token " + token));
  }
  CHECK(Has(Message(""), "line 1"));
  CHECK(Has(Message("<!DOCTYPE html>\n<html></html>\n"), "line 3"));
}

TEST_CASE("a vocabulary beyond the size limit is refused unread") {
  const std::string vocabulary(WordPiece::kMaxVocabularyBytes + 1, 'a');
  const auto wordpiece = WordPiece::FromVocabulary(vocabulary);
  REQUIRE_FALSE(wordpiece.has_value());
  CHECK(wordpiece.error().code == ErrorCode::kInvalidVocabulary);
  CHECK(Has(wordpiece.error().message, std::to_string(vocabulary.size())));
}
