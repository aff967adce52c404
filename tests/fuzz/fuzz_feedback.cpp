// What a user brings back: event lines, the log, user_data.json; and what the personal classifier
// makes of it. The first byte says which form the rest has.
#include <cmath>

#include "fixture_context.h"
#include "fuzz_target.h"
#include "smartsynch/personal/feedback_log.h"
#include "smartsynch/personal/personal_classifier.h"
#include "support/feedback_fixture.h"
#include "support/tiny_model.h"

namespace smartsynch::fuzz {
namespace {

// As the fixture's Taught(), once.
PersonalClassifier& Personal() {
  static PersonalClassifier personal = [] {
    AllowFixtures();
    return testing::Taught(0);
  }();
  return personal;
}

void CheckError(const Error& error) {
  CheckThat(!error.message.empty(), "an error has a message");
  CheckThat(error.code != ErrorCode::kInternal, "a bad text is no broken promise inside");
}

void CheckPrediction(const Prediction& prediction) {
  float sum = 0.0F;
  for (const Suggestion& suggestion : prediction.suggestions) {
    CheckThat(suggestion.confidence >= 0 && suggestion.confidence <= 1, "confidence is in 0..1");
    sum += suggestion.confidence;
  }
  CheckThat(sum <= 1.001F, "suggestions sum to at most one");
  CheckThat(prediction.novelty >= 0 && prediction.novelty <= 1, "novelty is in 0..1");
}

void CheckReplay(const FeedbackLog& log) {
  PersonalClassifier& personal = Personal();
  personal.Load(log);
  const std::string state = personal.state().Bytes();
  CheckPrediction(personal.ClassifyInstant(personal.Prepare("Fix login crash")));
  const PersonalTask task = personal.Prepare("draw the logo", "plan");
  const Result<Prediction> full = personal.Classify(task, testing::GroupEmbedding(1, 1));
  CheckThat(full.has_value(), "a good embedding is answered");
  CheckPrediction(*full);

  const Result<FeedbackEvent> added = personal.AddCategory("Quite another one", 1);
  if (added) {
    CheckThat(personal.Undo(added->sequence, 2).has_value(), "what was added can be undone");
    CheckThat(personal.state().Bytes() == state, "undoing gives back the bytes before");
  }
  personal.Load(log);
  CheckThat(personal.state().Bytes() == state, "the same log gives the same bytes");
  personal.ForgetAll();
  CheckThat(personal.state().exemplars().empty(), "forgotten is forgotten");
}

void CheckLog(const FeedbackLog& log) {
  const std::string lines = log.ToJsonLines();
  const Result<FeedbackLog> again = FeedbackLog::FromJsonLines(lines);
  CheckThat(again.has_value() && again->ToJsonLines() == lines, "a written log is read as itself");
  const std::string file = ToUserData(log);
  const Result<FeedbackLog> imported = FromUserData(file);
  CheckThat(imported.has_value() && imported->ToJsonLines() == lines,
            "an exported log is imported as itself");
  CheckReplay(log);
  if (log.events().empty()) return;
  FeedbackLog without = log;
  const std::string task = log.events().front().task_id;
  without.RemoveTask(task);
  CheckThat(FeedbackLog::FromJsonLines(without.ToJsonLines()).has_value(),
            "what is left of a log is a log");
}

}  // namespace

void TestOneInput(std::string_view input) {
  Choices choices(input);
  switch (choices.Byte() % 3U) {
    case 0: {
      const Result<FeedbackLog> log = FeedbackLog::FromJsonLines(choices.rest());
      return log ? CheckLog(*log) : CheckError(log.error());
    }
    case 1: {
      const Result<FeedbackLog> log = FromUserData(choices.rest());
      return log ? CheckLog(*log) : CheckError(log.error());
    }
    default: {
      const Result<FeedbackEvent> event = ParseEventLine(choices.rest());
      if (!event) return CheckError(event.error());
      const std::string line = ToJsonLine(*event);
      const Result<FeedbackEvent> again = ParseEventLine(line);
      CheckThat(again.has_value() && ToJsonLine(*again) == line, "an event is read as itself");
    }
  }
}

std::vector<std::string> Seeds() {
  AllowFixtures();
  const PersonalClassifier taught = testing::Taught(2);
  using std::string_literals::operator""s;
  return {"\0"s + taught.log().ToJsonLines(), "\1"s + ToUserData(taught.log()),
          "\1"s + std::string(5000, '[')};
}

}  // namespace smartsynch::fuzz
