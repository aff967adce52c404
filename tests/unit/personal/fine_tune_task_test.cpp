#include "smartsynch/personal/fine_tune_task.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "smartsynch/personal/fine_tune.h"
#include "support/feedback_fixture.h"
#include "support/tiny_model.h"

namespace smartsynch {
namespace {

using testing::Contains;
using testing::QuickOptions;
using testing::Taught;
using testing::WideExemplars;

FineTuneTask TaskOf(const PersonalClassifier& personal) {
  Result<FineTuneTask> task = MakeFineTuneTask(personal);
  REQUIRE(task.has_value());
  return *std::move(task);
}

FineTuneResult Run(const FineTuneTask& task) {
  Result<FineTuner> tuner = FineTuner::Create(task, WideExemplars(), QuickOptions());
  REQUIRE(tuner.has_value());
  while (!tuner->finished()) tuner->Step();
  return tuner->result();
}

Error RefusalOf(const FineTuneTask& task) {
  const Result<FineTuneTask> read = ParseFineTuneTask(SerializeFineTuneTask(task));
  REQUIRE_FALSE(read.has_value());
  return read.error();
}

TEST_CASE("A task that went over as bytes is trained to the same heads") {
  const PersonalClassifier personal = Taught(60);
  const FineTuneTask task = TaskOf(personal);
  const std::string bytes = SerializeFineTuneTask(task);
  const Result<FineTuneTask> read = ParseFineTuneTask(bytes);
  REQUIRE(read.has_value());
  CHECK(read->rows == task.rows);
  CHECK(read->categories == task.categories);
  CHECK(SerializeFineTuneTask(*read) == bytes);
  Result<FineTuner> direct = FineTuner::Create(personal, WideExemplars(), QuickOptions());
  REQUIRE(direct.has_value());
  while (!direct->finished()) direct->Step();
  REQUIRE(direct->result().accepted);
  CHECK(Run(*read).heads == direct->result().heads);
}

TEST_CASE("The champion goes along under its own version") {
  PersonalClassifier personal = Taught(60);
  const Result<TunedHeads> heads = ParseTunedHeads(Run(TaskOf(personal)).heads);
  REQUIRE(heads.has_value());
  REQUIRE(personal.UseHeads(*heads).has_value());
  FineTuneTask task = TaskOf(personal);
  REQUIRE(task.champion.has_value());
  const Result<FineTuneTask> read = ParseFineTuneTask(SerializeFineTuneTask(task));
  REQUIRE(read.has_value());
  CHECK(read->champion->version == heads->version);
  CHECK(SerializeFineTuneTask(task, SerializeTunedHeads(*heads)) == SerializeFineTuneTask(task));
  CHECK(SerializeTunedHeads(*read->champion) == SerializeTunedHeads(*heads));
  task.champion->base_version = "fedcba9876543210";
  CHECK(Contains(RefusalOf(task).message, "champion"));
  task.champion = *heads;
  task.champion->categories.front().id = "elsewhere";
  CHECK(Contains(RefusalOf(task).message, "champion"));
}

TEST_CASE("Rows hold no text; one that the encoder has not seen has no direction") {
  PersonalClassifier personal = Taught(20);
  FeedbackEvent event;
  event.title = "Grüße an Zoë 🎉 draw";
  event.category_id = "home";
  const Result<FeedbackEvent> recorded = personal.Record(event);
  REQUIRE(recorded.has_value());
  const FineTuneTask task = TaskOf(personal);
  REQUIRE(task.rows.size() == 41);
  CHECK(task.rows.back().sequence == recorded->sequence);
  CHECK(task.rows.back().full.empty());
  CHECK(task.categories[task.rows.back().category].id == "home");
  const std::string bytes = SerializeFineTuneTask(task);
  CHECK_FALSE(Contains(bytes, "draw"));
  CHECK(ParseFineTuneTask(bytes)->rows == task.rows);
}

TEST_CASE("Too few tasks are refused with their number, on both sides") {
  const Result<FineTuneTask> few = MakeFineTuneTask(Taught(5));
  REQUIRE_FALSE(few.has_value());
  CHECK(few.error().code == ErrorCode::kInvalidArgument);
  CHECK(few.error().field == "log");
  CHECK(Contains(few.error().message, "holds 10"));
  FineTuneTask task = TaskOf(Taught(20));
  task.rows.resize(kFewestToFineTune - 1);
  CHECK(RefusalOf(task).field == "log");
}

TEST_CASE("Bytes that are empty, cut anywhere, longer or of another kind are refused") {
  const std::string bytes = SerializeFineTuneTask(TaskOf(Taught(20)));
  for (std::size_t length = 0; length < bytes.size(); length += length < 600 ? 1 : 97) {
    const Result<FineTuneTask> read = ParseFineTuneTask(std::string_view(bytes).substr(0, length));
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == ErrorCode::kInvalidData);
    CHECK(read.error().field == "task");
  }
  CHECK_FALSE(ParseFineTuneTask(bytes + "x").has_value());
  CHECK_FALSE(ParseFineTuneTask(std::string(100000, '\xff')).has_value());
}

TEST_CASE("Any byte may be another: what is read is within bounds, or nothing is") {
  const std::string bytes = SerializeFineTuneTask(TaskOf(Taught(10)));
  for (std::size_t i = 0; i < bytes.size(); i += i < 800 ? 1 : 61) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string changed = bytes;
      changed[i] = value;
      const Result<FineTuneTask> read = ParseFineTuneTask(changed);
      if (!read) continue;
      for (const FineTuneRow& row : read->rows) {
        REQUIRE(row.category < read->categories.size());
        REQUIRE(row.full_logits.size() == read->base_categories + 1);
      }
    }
  }
}

TEST_CASE("What cannot be is refused") {
  const FineTuneTask good = TaskOf(Taught(20));
  FineTuneTask task = good;
  task.rows[3].category = 99;
  CHECK(Contains(RefusalOf(task).message, "row 3"));
  task = good;
  task.rows[2].full_logits.pop_back();
  CHECK(Contains(RefusalOf(task).message, "row 2"));
  task = good;
  task.rows[1].instant_logits[0] = std::numeric_limits<float>::quiet_NaN();
  CHECK(Contains(RefusalOf(task).message, "row 1"));
  task = good;
  task.rows[0].full.resize(3);
  CHECK(Contains(RefusalOf(task).message, "row 0"));
  task = good;
  task.categories[0].base_indexes.push_back(good.base_categories);
  CHECK(Contains(RefusalOf(task).message, "base lacks"));
  task = good;
  task.categories.clear();
  CHECK(Contains(RefusalOf(task).message, "categories"));
  task = good;
  task.full_dimension = 1 << 20;
  CHECK(Contains(RefusalOf(task).message, "start"));
}

}  // namespace
}  // namespace smartsynch
