#include "smartsynch/distill/distill_table.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "smartsynch/base/hash.h"
#include "smartsynch/base/random.h"
#include "support/floats.h"
#include "support/tiny_model.h"

using smartsynch::DistillData;
using smartsynch::DistilledTable;
using smartsynch::DistillEpoch;
using smartsynch::DistillOptions;
using smartsynch::DistillTable;
using smartsynch::ErrorCode;
using smartsynch::Random;
using smartsynch::Result;
using smartsynch::testing::Contains;
using smartsynch::testing::NormalFloats;

namespace {

constexpr std::size_t kVocabulary = 60;
constexpr std::size_t kWidth = 12;

// A made-up encoder: a text is the sum of hidden vectors of its tokens, of which ids below 20, the
// "stop words", carry a tenth. What it says of single tokens is blurred, so there is something to
// learn from texts. Ids 0 to 3 are special and have no row.
DistillData MakeData(std::size_t texts, std::uint64_t seed = 1) {
  DistillData data;
  data.encoder_dimension = kWidth;
  std::vector<float> hidden = NormalFloats(kVocabulary * kWidth, 5);
  for (std::size_t i = 0; i < 20 * kWidth; ++i) hidden[i] *= 0.1F;
  const std::vector<float> blur = NormalFloats(kVocabulary * kWidth, 6);
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    data.entries.push_back(i < 4 * kWidth ? 0.0F : hidden[i] + blur[i]);
  }
  Random random(seed);
  for (std::size_t t = 0; t < texts; ++t) {
    std::vector<std::int32_t> ids = {0};
    std::vector<float> sum(kWidth, 0.0F);
    for (int i = 0; i < 6; ++i) {
      const auto id = static_cast<std::int32_t>(4 + random.NextBelow(kVocabulary - 4));
      ids.push_back(id);
      for (std::size_t d = 0; d < kWidth; ++d) {
        sum[d] += hidden[static_cast<std::size_t>(id) * kWidth + d];
      }
    }
    ids.push_back(1);
    data.texts.push_back(ids);
    double squares = 0.0;
    for (const float v : sum) squares += static_cast<double>(v) * static_cast<double>(v);
    for (const float v : sum) data.targets.push_back(v / static_cast<float>(std::sqrt(squares)));
  }
  return data;
}

DistillOptions Quick(unsigned bits = 4) {
  DistillOptions options;
  options.dimension = 8;
  options.bits = bits;
  options.epochs = 8;
  options.held_out = 0.2;
  options.learning_rate = 0.1F;
  return options;
}

DistilledTable Distill(const DistillData& data, const DistillOptions& options) {
  Result<DistilledTable> distilled = DistillTable(data, options);
  REQUIRE(distilled.has_value());
  return std::move(*distilled);
}

double Best(const DistilledTable& distilled) {
  double best = -1.0;
  for (const DistillEpoch& epoch : distilled.history) best = std::max(best, epoch.held_out_cosine);
  return best;
}

std::string Refusal(const DistillData& data, const DistillOptions& options) {
  const Result<DistilledTable> distilled = DistillTable(data, options);
  if (distilled.has_value()) return "accepted";
  CHECK(distilled.error().code == ErrorCode::kInvalidArgument);
  CHECK_FALSE(distilled.error().field.empty());
  return distilled.error().message;
}

std::string BytesOf(const DistilledTable& distilled) {
  return std::string(reinterpret_cast<const char*>(distilled.table.codes.data()),
                     distilled.table.codes.size()) +
         std::string(smartsynch::testing::BytesOf(distilled.table.scale));
}

}  // namespace

TEST_CASE("texts teach the table what single tokens do not tell") {
  const DistilledTable distilled = Distill(MakeData(600), Quick());
  CHECK(distilled.history.front().epoch == 0);
  CHECK(Best(distilled) > distilled.history.front().held_out_cosine + 0.1);
  CHECK(Best(distilled) > 0.9);
  CHECK(distilled.table.dimension == 8);
  CHECK(distilled.table.rows() == kVocabulary);
  CHECK(distilled.explained > 0.6);
  CHECK(distilled.explained < 1.0);
}

TEST_CASE("more bits come nearer") {
  const DistillData data = MakeData(600);
  const double three = Best(Distill(data, Quick(3)));
  const double four = Best(Distill(data, Quick(4)));
  const double eight = Best(Distill(data, Quick(8)));
  CHECK(three < four);
  CHECK(four < eight + 0.002);
}

TEST_CASE("entries without a value have no row") {
  const DistilledTable distilled = Distill(MakeData(200), Quick());
  CHECK(distilled.used_rows == kVocabulary - 4);
  for (std::size_t row = 0; row < kVocabulary; ++row) {
    CHECK((distilled.table.scale[row] == 0.0F) == (row < 4));
  }
}

TEST_CASE("rare entries that no text holds keep a row of their own") {
  DistillData data = MakeData(200);
  for (std::vector<std::int32_t>& ids : data.texts) {
    for (std::int32_t& id : ids) id = id == 59 ? 58 : id;
  }
  CHECK(Distill(data, Quick()).table.scale[59] > 0.0F);
}

TEST_CASE(
    "the same seed gives the same table, on every host and in every build; another does not") {
  const DistillData data = MakeData(300);
  const std::string first = BytesOf(Distill(data, Quick(3)));
  CHECK(first == BytesOf(Distill(data, Quick(3))));
  CHECK(smartsynch::Sha256Hex(first) ==
        "e0338694e734f000b7f0d37f9b95f0577a6a28db03f6febfa7d72f10937773d9");
  DistillOptions other = Quick(3);
  other.seed = 2;
  CHECK(first != BytesOf(Distill(data, other)));
}

TEST_CASE("no training leaves the entries' own directions; the best epoch is kept") {
  DistillOptions options = Quick();
  options.epochs = 0;
  const DistilledTable plain = Distill(MakeData(200), options);
  REQUIRE(plain.history.size() == 1);
  CHECK(plain.history[0].is_best);
  // So large a step that training only harms.
  options = Quick();
  options.learning_rate = 10.0F;
  options.patience = 2;
  const DistilledTable harmed = Distill(MakeData(200), options);
  CHECK(harmed.history.size() < 9);
  options.held_out = 0.0;
  CHECK(Distill(MakeData(200), options).history.size() == 9);
}

TEST_CASE("it can be cancelled after any epoch") {
  const DistillData data = MakeData(100);
  for (std::size_t limit = 0; limit < 3; ++limit) {
    const Result<DistilledTable> distilled =
        DistillTable(data, Quick(), [&](const DistillEpoch& epoch, std::size_t epochs) {
          CHECK(epochs == 8);
          return epoch.epoch < limit;
        });
    REQUIRE_FALSE(distilled.has_value());
    CHECK(distilled.error().code == ErrorCode::kCancelled);
  }
}

TEST_CASE("data and options out of range are refused by name") {
  const DistillData good = MakeData(20);
  DistillData data = good;
  data.entries.pop_back();
  CHECK(Contains(Refusal(data, Quick()), "entries"));
  data = good;
  data.entries.clear();
  CHECK(Contains(Refusal(data, Quick()), "entries"));
  data = good;
  data.texts.clear();
  data.targets.clear();
  CHECK(Contains(Refusal(data, Quick()), "texts"));
  data = good;
  data.targets.pop_back();
  CHECK(Contains(Refusal(data, Quick()), "targets"));
  for (const std::int32_t id : {-1, 60}) {
    data = good;
    data.texts[7][2] = id;
    CHECK(Contains(Refusal(data, Quick()), "texts[7] holds the id " + std::to_string(id)));
  }
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    data = good;
    data.entries[5 * kWidth] = bad;
    CHECK(Contains(Refusal(data, Quick()), "entries[5]"));
    data = good;
    data.targets[3 * kWidth] = bad;
    CHECK(Contains(Refusal(data, Quick()), "targets[3]"));
    DistillOptions options = Quick();
    options.learning_rate = bad;
    CHECK(Contains(Refusal(good, options), "learning_rate"));
    options = Quick();
    options.held_out = static_cast<double>(bad);
    CHECK(Contains(Refusal(good, options), "held_out"));
  }
  for (const std::size_t dimension : {0U, 7U, 14U}) {
    DistillOptions options = Quick();
    options.dimension = dimension;
    CHECK(Contains(Refusal(good, options), "dimension"));
  }
  for (const unsigned bits : {0U, 1U, 5U, 16U}) CHECK(Contains(Refusal(good, Quick(bits)), "bits"));
  DistillOptions options = Quick();
  options.batch_size = 0;
  CHECK(Contains(Refusal(good, options), "batch_size"));
  options = Quick();
  options.patience = 0;
  CHECK(Contains(Refusal(good, options), "patience"));
}

TEST_CASE("hostile texts: empty, special tokens alone, one token a thousand times") {
  DistillData data = MakeData(50);
  data.texts[0] = {};
  data.texts[1] = {0, 1};
  data.texts[2] = std::vector<std::int32_t>(1000, 42);
  std::fill_n(data.targets.begin() + 3 * kWidth, kWidth, 0.0F);
  const DistilledTable distilled = Distill(data, Quick());
  for (const float scale : distilled.table.scale) CHECK(std::isfinite(scale));
}

TEST_CASE("which entries of a vocabulary get a row") {
  for (const char* token : {"fix", "##ing", "!", "2024", "caf\xC3\xA9", "stra\xC3\x9F", "[", "]"}) {
    CHECK(smartsynch::IsDistilledToken(token));
  }
  for (const char* token : {"", "[CLS]", "[unused7]", "\xE4\xB8\xAD", "##\xD1\x8F", "\xCE\xB1",
                            "\xC3", "\xF0\x9F\x98\x80", "a\xCC\x81"}) {
    CHECK_FALSE(smartsynch::IsDistilledToken(token));
  }
}
