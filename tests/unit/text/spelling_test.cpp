#include "smartsynch/text/spelling.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "smartsynch/base/random.h"
#include "smartsynch/text/known_words.h"
#include "smartsynch/text/wordpiece.h"

using smartsynch::KnownWords;
using smartsynch::Random;
using smartsynch::Spelling;
using smartsynch::SpellingMemo;
using smartsynch::WordPiece;

namespace {

// `words` stand where BERT's vocabulary has its whole words.
WordPiece Vocabulary(const std::string& words = "") {
  std::string lines = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  for (std::size_t id = 5; id < Spelling::kFirstWordId; ++id) {
    lines += "[unused" + std::to_string(id) + "]\n";
  }
  auto vocabulary = WordPiece::FromVocabulary(lines + words);
  REQUIRE(vocabulary.has_value());
  return *std::move(vocabulary);
}

// The first line's words were counted once, the last line's eight times or more.
const Spelling& Shared() {
  static const Spelling spelling(
      Vocabulary(),
      "conference house hours kubernetes mouse notes planning room rooms the with worked\n\n"
      "meeting plan project promotion weekly worker workshop\npress there these\n");
  return spelling;
}

std::string Correct(const std::string& text) { return Shared().Correct(text); }

constexpr int kNotMeant = 1 << 20;

// The least cost of typing `typed` from letter `i` on when `meant` was meant from letter `j` on,
// with so many slips at most, in sixteenths of a bit: one of 25 letters, and a second slip.
int SlipCost(std::string_view typed, std::string_view meant, int most, int made = 0,
             std::size_t i = 0, std::size_t j = 0) {
  if (i == typed.size()) return j == meant.size() ? 0 : kNotMeant;
  const bool is_last = i + 1 == typed.size();
  const bool is_same = j < meant.size() && typed[i] == meant[j];
  int least = is_same ? SlipCost(typed, meant, most, made, i + 1, j + 1) : kNotMeant;
  if (made == most) return least;
  const auto slip = [&](int cost, std::size_t to_i, std::size_t to_j) {
    least = std::min(
        least, cost + (made > 0 ? 160 : 0) + SlipCost(typed, meant, most, made + 1, to_i, to_j));
  };
  const bool is_double = i > 0 && typed[i] == typed[i - 1];
  if (is_double || !is_last) slip(is_double ? 0 : 74, i + 1, j);
  if (j == meant.size() || is_same) return least;
  slip(0, i, j + 1);
  if (is_last) return least;
  slip(74, i + 1, j + 1);
  if (j + 1 < meant.size() && typed[i] == meant[j + 1] && typed[i + 1] == meant[j]) {
    slip(0, i + 2, j + 2);
  }
  return least;
}

std::string Mistyped(std::string word, Random& random) {
  const std::size_t at = random.NextBelow(static_cast<std::uint32_t>(word.size() - 1));
  const char letter = static_cast<char>('a' + random.NextBelow(26));
  switch (random.NextBelow(5)) {
    case 0:
      return word.erase(at, 1);
    case 1:
      return word.insert(at, 1, word[at]);
    case 2:
      return word.insert(at, 1, letter);
    case 3:
      word[at] = letter;
      return word;
    default:
      std::swap(word[at], word[at + 1]);
      return word;
  }
}

}  // namespace

TEST_CASE("each kind of slip is put right") {
  CHECK(Correct("wekly meeting") == "weekly meeting");                      // left out
  CHECK(Correct("the worksshop with notes") == "the workshop with notes");  // struck twice
  CHECK(Correct("the pormotion plan") == "the promotion plan");             // exchanged
  CHECK(Correct("the projqct plan") == "the project plan");                 // another letter
  CHECK(Correct("the proxject plan") == "the project plan");                // one more
}

TEST_CASE("everything around the corrected words is kept byte by byte") {
  CHECK(Correct("  (wekly)\t\"meeting\"\r\n\xF0\x9F\x94\xB4 wekly, 3x\xFF ") ==
        "  (weekly)\t\"meeting\"\r\n\xF0\x9F\x94\xB4 weekly, 3x\xFF ");
  CHECK(Correct("").empty());
  CHECK(Correct(" \n ") == " \n ");
}

TEST_CASE("a capital is given up where the text begins; elsewhere it is a name's") {
  CHECK(Correct("Wekly meeting") == "weekly meeting");
  CHECK(Correct("the Wekly meeting") == "the Wekly meeting");
  CHECK(Correct("WEKLY wEkly weKly meeting") == "WEKLY wEkly weKly meeting");
}

TEST_CASE(
    "short and long words, those with digits or other letters, and known ones are left alone") {
  for (const char* text :
       {"teh pln now", "wekly2 meeting", "w\xC3\xA9kly meeting", "\xC3\xA9wekly meeting",
        "weekly meeting", "wekly\xE2\x80\x94meeting", "weklyweklyweklyweklywekly plan"}) {
    CAPTURE(text);
    CHECK(Correct(text) == text);
  }
}

TEST_CASE("the last word of a line is left alone while it begins a known word") {
  CHECK(Correct("the confere") == "the confere");
  CHECK(Correct("the confere\nrooms for the day") == "the confere\nrooms for the day");
  CHECK(Correct("the plann") == "the plann");
  CHECK(Correct("plann the rooms") == "plan the rooms");
  CHECK(Correct("meeting wekly") == "meeting weekly");
  // "confrence" begins none.
  CHECK(Correct("the confrence") == "the conference");
}

TEST_CASE("a word that differs in its last letter alone may be inflected and is left alone") {
  for (const char* text :
       {"kubernetez with plan", "projects with plan", "meetin with plan", "pres with plan"}) {
    CAPTURE(text);
    CHECK(Correct(text) == text);
  }
  CHECK(Correct("workshopp with plan") == "workshop with plan");  // unless it was struck twice
}

TEST_CASE("of several known words the more frequent one was meant") {
  CHECK(Spelling(Vocabulary(), "house notes with\nmouse\n").Correct("jouse notes") ==
        "mouse notes");
  CHECK(Spelling(Vocabulary(), "mouse notes with\nhouse\n").Correct("jouse notes") ==
        "house notes");
}

TEST_CASE("a letter struck twice is likelier than another one, which has to be one of many") {
  const Spelling spelling(Vocabulary(),
                          "notes plan\n\nnotles\n");  // that one is four times as frequent
  CHECK(spelling.Correct("nottes plan") == "notes plan");
}

TEST_CASE("two slips in a word of seven letters or more are put right where one is not enough") {
  CHECK(Correct("the cnoferece rooms") == "the conference rooms");
  CHECK(Correct("the kbuerntes notes") == "the kubernetes notes");
  CHECK(Correct("the confreenec rooms") == "the conference rooms");
  CHECK(Correct("the kuberrnetess notes") == "the kubernetes notes");
  CHECK(Correct("the rmosoo notes") == "the rmosoo notes");          // of six letters
  CHECK(Correct("the cnoferceee rooms") == "the cnoferceee rooms");  // three slips
  CHECK(Correct("the kbuernetez notes") == "the kbuernetez notes");  // one, and the last letter
  CHECK(Correct("the pormotio plan") == "the pormotio plan");        // likewise
}

TEST_CASE("the word that is found costs as little as any that a search without shortcuts finds") {
  Random random(7);
  std::vector<std::string> known;
  std::string lines;
  for (int i = 0; i < 400; ++i) {  // of few syllables, so that many are alike
    std::string word;
    for (std::size_t syllables = 2 + random.NextBelow(3); syllables > 0; --syllables) {
      word += "bdfklmnprst"[random.NextBelow(11)];
      word += "aeiou"[random.NextBelow(5)];
    }
    if (random.NextBelow(2) == 0) word += "nrst"[random.NextBelow(4)];
    known.push_back(word);
    lines += word + " ";
  }
  const Spelling spelling(Vocabulary(), lines + "zzz\n");
  int corrected = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string word = known[random.NextBelow(400)];
    const int slips = 1 + static_cast<int>(random.NextBelow(3));
    for (int slip = 0; slip < slips; ++slip) word = Mistyped(word, random);
    if (std::find(known.begin(), known.end(), word) != known.end() || word.size() < 4) continue;
    CAPTURE(word);
    int least = kNotMeant;
    for (int most = 1; most <= (word.size() < 7 ? 1 : 2) && least == kNotMeant; ++most) {
      for (const std::string& meant : known) least = std::min(least, SlipCost(word, meant, most));
    }
    const std::string text = spelling.Correct(word + " zzz");
    const std::string found = text.substr(0, text.size() - 4);
    if (found == word) continue;  // as likely as any correction
    ++corrected;
    CHECK(least < kNotMeant);
    CHECK(SlipCost(word, found, 2) == least);
  }
  CHECK(corrected > 1800);
}

TEST_CASE("a word whose letters follow each other as in known words is left alone") {
  // "hours", "room" and "notes" are one slip away.
  for (const char* text : {"nours with notes", "poom with notes", "nothes with rooms"}) {
    CAPTURE(text);
    CHECK(Correct(text) == text);
  }
}

TEST_CASE("a memo keeps the last words, and the answers are the same") {
  SpellingMemo memo;
  CHECK(memo.Find("wekly") == nullptr);
  for (int round = 0; round < 2; ++round) {
    CHECK(Shared().Correct("wekly nours with cnoferece notes", &memo) ==
          "weekly nours with conference notes");
  }
  for (const auto& [word, meant] : {std::pair("wekly", "weekly"), {"nours", ""}}) {
    REQUIRE(memo.Find(word) != nullptr);
    CHECK(*memo.Find(word) == meant);
  }
  CHECK(memo.Find("notes") == nullptr);  // known
  for (int i = 0; i < 100; ++i) memo.Keep("word" + std::to_string(i), "");
  CHECK(memo.Find("wekly") == nullptr);
  CHECK(memo.Find("word83") == nullptr);
  CHECK(memo.Find("word84") != nullptr);
  CHECK(memo.Find("word99") != nullptr);
  CHECK(Shared().Correct("wekly meeting", &memo) == "weekly meeting");
}

TEST_CASE("only the first unknown words of a text are looked at") {
  std::string text;
  std::string expected;
  for (std::size_t i = 0; i < Spelling::kMaxWords + 2; ++i) {
    text += "wekly meeting ";
    expected += i < Spelling::kMaxWords ? "weekly meeting " : "wekly meeting ";
  }
  CHECK(Correct(text) == expected);
}

TEST_CASE("hostile texts come back as they are") {
  for (const std::string& text :
       {std::string(1U << 20U, 'q'), std::string(1U << 20U, '\xFF'), std::string(1U << 20U, ' '),
        std::string("\0we\0kly", 7), std::string(25, 'z'), std::string(24, 'z')}) {
    CHECK((Correct(text) == text));
  }
}

TEST_CASE("the vocabulary's whole words are known, too") {
  CHECK(Spelling(Vocabulary("promotion\n"), "").Correct("pormotion plan") == "promotion plan");
  CHECK(Spelling(Vocabulary(), "").Correct("pormotion plan") == "pormotion plan");
}

TEST_CASE("counts beyond 32 bits make the other words rare, not frequent") {
  const std::string often = std::string(31, '\n') + "the the the the";
  CHECK(Spelling(Vocabulary(), "workshop\n").Correct("worksshop plan") == "workshop plan");
  CHECK(Spelling(Vocabulary(), "workshop" + often).Correct("worksshop plan") == "worksshop plan");
  const std::string lines(100, '\n');
  CHECK(Spelling(Vocabulary(), "workshop" + lines + "the").Correct("worksshop") == "worksshop");
}

TEST_CASE("known words are listed by how often they were counted") {
  const std::string texts[] = {
      "Plan the P\xC3\xA9"
      "pin, plan it; plan2 plan",
      "plan IT at last", "pepin the log"};
  // "at" is too short, "plan2" no word, "it" too short; "last" and "log" are the vocabulary's own.
  CHECK(KnownWords(texts, Vocabulary("last\nlog\nplan\n")) == "\npepin the\nplan\n");
  CHECK(KnownWords({}, Vocabulary()).empty());
}
