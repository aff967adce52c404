#include "smartsynch/text/spelling.h"

#include <doctest/doctest.h>

#include <string>

#include "smartsynch/text/known_words.h"
#include "smartsynch/text/wordpiece.h"

using smartsynch::KnownWords;
using smartsynch::Spelling;
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

TEST_CASE("a word that could as well be several known ones is left alone") {
  CHECK(Correct("a jouse with notes") == "a jouse with notes");  // house, mouse: both once
  CHECK(Correct("a wouse with notes") == "a wouse with notes");
}

TEST_CASE("a word whose letters follow each other as in known words is left alone") {
  // "hours", "room" and "notes" are one slip away.
  for (const char* text : {"nours with notes", "poom with notes", "nothes with rooms"}) {
    CAPTURE(text);
    CHECK(Correct(text) == text);
  }
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
