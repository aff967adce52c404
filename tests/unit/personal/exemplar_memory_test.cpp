#include "smartsynch/personal/exemplar_memory.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "smartsynch/base/random.h"

namespace smartsynch {
namespace {

using Direction = std::vector<std::int8_t>;

const std::array<std::size_t, 1> kFirst = {0};
const std::array<std::size_t, 1> kSecond = {1};

CategoryEvidence Near(float cosine, std::size_t count) { return {count, cosine, cosine}; }

TEST_CASE("Nearest and mean cosine of each category") {
  ExemplarMemory memory(3);
  memory.Add(0, Direction{127, 0});
  memory.Add(0, Direction{0, 127});
  memory.Add(2, Direction{0, -50});
  memory.Add(1, Direction{1, 2, 3});  // another dimension: passed over
  memory.Finish();
  CHECK(memory.size() == 3);
  const auto evidence = memory.Query(Direction{100, 0});
  CHECK(evidence[0].count == 2);
  CHECK(evidence[0].nearest == doctest::Approx(1.0F));
  // Unit means (0.707, 0.707) and (0, -1), so the centre is (0.0589, -0.0244): their sum over 2
  // + 10.
  CHECK(evidence[0].mean == doctest::Approx(0.6633F).epsilon(0.01));
  CHECK(evidence[1].count == 0);
  CHECK(evidence[2].nearest == doctest::Approx(0.0F));
  CHECK(memory.Query(Direction{}).at(0).count == 0);
  CHECK(memory.Query(Direction{1, 1, 1}).at(0).count == 0);
}

TEST_CASE("Exemplars that cancel each other out leave every cosine a number") {
  ExemplarMemory memory(2);
  memory.Add(0, Direction{127, 0});
  memory.Add(0, Direction{-127, 0});
  memory.Add(1, Direction{0, 127});
  memory.Finish();
  const auto evidence = memory.Query(Direction{0, 100});
  CHECK(evidence[0].nearest == 0.0F);
  CHECK(evidence[0].mean < 0.0F);  // away from the centre, which leans to the other category
  CHECK(evidence[1].nearest == doctest::Approx(1.0F));
  CHECK(evidence[1].mean == doctest::Approx(1.0F));
}

bool AreSame(const std::vector<CategoryEvidence>& a, const std::vector<CategoryEvidence>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const CategoryEvidence& left, const CategoryEvidence& right) {
                      return left.count == right.count && left.nearest == right.nearest &&
                             left.mean == right.mean;
                    });
}

TEST_CASE("A memory that follows its exemplars answers as one made of them, bit for bit") {
  constexpr std::size_t kDimension = 24;
  Random random(3);
  const auto draw = [&](std::size_t below) {
    return static_cast<std::size_t>(random.NextBelow(static_cast<std::uint32_t>(below)));
  };
  const auto direction = [&] {
    Direction drawn(kDimension);
    for (auto& value : drawn) value = static_cast<std::int8_t>(static_cast<int>(draw(255)) - 127);
    return drawn;
  };
  std::vector<std::pair<std::size_t, Direction>> kept;
  std::size_t categories = 2;
  ExemplarMemory followed(0);
  for (int step = 0; step < 200; ++step) {
    const std::size_t what = draw(10);
    if (what < 6 || kept.empty()) {
      kept.emplace_back(draw(categories), direction());
    } else if (what == 6) {
      kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(draw(kept.size())));
    } else if (what == 7) {
      kept[draw(kept.size())].first = draw(categories);
    } else if (what == 8) {
      kept[draw(kept.size())].second = direction();
    } else {
      ++categories;
    }
    std::vector<MemoryExemplar> exemplars;
    ExemplarMemory made(categories);
    for (const auto& [category, drawn] : kept) {
      exemplars.push_back({category, drawn});
      made.Add(category, drawn);
    }
    made.Finish();
    followed.Assign(categories, exemplars);
    REQUIRE(followed.size() == kept.size());
    const Direction query = direction();
    REQUIRE(AreSame(followed.Query(query), made.Query(query)));
  }
  followed.Assign(categories, {});
  CHECK(followed.size() == 0);
  CHECK(followed.Query(direction()).at(0).count == 0);
}

TEST_CASE("Without evidence the base's scores stay") {
  const Scores base = {{0.7F, 0.3F}, 0.2F};
  const FusedCategory categories[] = {{kFirst, {}}, {kSecond, {}}};
  const Scores scores = FuseScores(base, categories, {});
  CHECK(scores.probabilities[0] == doctest::Approx(0.7F));
  CHECK(scores.novelty == 0.2F);
}

TEST_CASE("An added category near the task wins, also where the base says new, and is not novel") {
  for (const float novelty : {0.05F, 0.5F, 0.999F}) {
    const Scores base = {{0.6F, 0.4F}, novelty};
    const FusedCategory categories[] = {{kFirst, {}}, {kSecond, {}}, {{}, Near(0.8F, 1)}};
    const Scores scores = FuseScores(base, categories, {});
    CHECK(scores.probabilities[2] > 0.6F);
    CHECK(scores.novelty < 0.1F);
    CHECK(std::accumulate(scores.probabilities.begin(), scores.probabilities.end(), 0.0F) ==
          doctest::Approx(1.0F));
  }
}

TEST_CASE("An added category is as sure as its number of examples allows, and stays the best") {
  const auto confidence = [](std::size_t count) {
    const Scores base = {{0.6F, 0.4F}, 0.5F};
    const FusedCategory categories[] = {{kFirst, {}}, {kSecond, {}}, {{}, Near(1.0F, count)}};
    return FuseScores(base, categories, {}).probabilities[2];
  };
  CHECK(confidence(1) == doctest::Approx(1.1F / 1.2F));
  CHECK(confidence(2) == doctest::Approx(2.1F / 2.2F));
  CHECK(confidence(3) == doctest::Approx(3.1F / 3.2F));
  CHECK(confidence(100) == doctest::Approx(100.1F / 100.2F));
  // Far from sure by itself, it is not made surer.
  const FusedCategory near[] = {{kFirst, {}}, {kSecond, {}}, {{}, Near(0.4F, 100)}};
  CHECK(FuseScores({{0.6F, 0.4F}, 0.5F}, near, {}).probabilities[2] < 0.8F);
  // First without an example, where the user took the only other category away from this text.
  CategoryEvidence rejected;
  rejected.is_rejected = true;
  const FusedCategory unlikely[] = {{kFirst, rejected}, {{}, {}}};
  CHECK(FuseScores({{1.0F}, 0.5F}, unlikely, {}).probabilities[1] == doctest::Approx(0.5F));
}

TEST_CASE("What fits no base category and an added one a little is the added one's, not new") {
  const Scores base = {{0.6F, 0.4F}, 0.99F};
  const FusedCategory beside_base[] = {{kFirst, {}}, {kSecond, {}}, {{}, Near(0.3F, 8)}};
  const Scores scores = FuseScores(base, beside_base, {});
  CHECK(scores.probabilities[2] > 0.5F);
  CHECK(scores.novelty < 0.5F);
  // Far from its examples it stays new, and so does what a base category comes first for.
  const FusedCategory far[] = {{kFirst, {}}, {kSecond, {}}, {{}, Near(0.0F, 8)}};
  CHECK(FuseScores(base, far, {}).novelty > 0.9F);
  const Scores sure = {{0.95F, 0.05F}, 0.6F};
  const FusedCategory second[] = {{kFirst, {}}, {kSecond, {}}, {{}, Near(0.3F, 8)}};
  CHECK(FuseScores(sure, second, {}).novelty ==
        doctest::Approx(0.6 * (1.0 - 0.3318)).epsilon(0.01));
}

TEST_CASE("Far exemplars change nothing to speak of") {
  const Scores base = {{0.6F, 0.4F}, 0.5F};
  const FusedCategory categories[] = {
      {kFirst, Near(0.0F, 50)}, {kSecond, {}}, {{}, Near(0.0F, 50)}};
  const Scores scores = FuseScores(base, categories, {});
  CHECK(scores.probabilities[0] == doctest::Approx(0.6F).epsilon(0.01));
  CHECK(scores.novelty > 0.49F);
}

TEST_CASE("What the user said about this very text stands") {
  const Scores base = {{0.999999F, 0.000001F}, 0.9F};
  CategoryEvidence same = Near(1.0F, 1);
  same.is_same_text = true;
  CategoryEvidence rejected;
  rejected.is_rejected = true;
  const FusedCategory corrected[] = {{kFirst, {}}, {kSecond, same}};
  CHECK(FuseScores(base, corrected, {}).probabilities[1] > 0.99F);
  CHECK(FuseScores(base, corrected, {}).novelty == 0.0F);
  const FusedCategory refused[] = {{kFirst, rejected}, {kSecond, {}}};
  CHECK(FuseScores(base, refused, {}).probabilities[1] > 0.99F);
}

TEST_CASE("No category at all, and base categories that were merged") {
  CHECK(FuseScores({{}, 0.3F}, {}, {}).novelty == 1.0F);
  const std::array<std::size_t, 2> both = {0, 1};
  const FusedCategory merged[] = {{both, {}}};
  CHECK(FuseScores({{0.6F, 0.4F}, 0.1F}, merged, {}).probabilities[0] == 1.0F);
  // A category of the user's without any example yet takes nothing from the others.
  const FusedCategory empty[] = {{kFirst, {}}, {{}, {}}};
  CHECK(FuseScores({{1.0F}, 0.1F}, empty, {}).probabilities[1] < 1e-6F);
}

}  // namespace
}  // namespace smartsynch
