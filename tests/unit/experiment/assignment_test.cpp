#include "smartsynch/experiment/assignment.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using smartsynch::AssignArm;
using smartsynch::WeightedArm;

namespace {

std::vector<std::size_t> AssignAll(const std::string& experiment,
                                   const std::vector<WeightedArm>& arms, int users = 20000) {
  std::vector<std::size_t> assigned;
  for (int i = 0; i < users; ++i) {
    const auto arm = AssignArm(experiment, "user-" + std::to_string(i), arms);
    REQUIRE(arm);
    assigned.push_back(*arm);
  }
  return assigned;
}

double Share(const std::vector<std::size_t>& assigned, std::size_t arm) {
  std::size_t count = 0;
  for (const std::size_t one : assigned) count += one == arm ? 1U : 0U;
  return static_cast<double>(count) / static_cast<double>(assigned.size());
}

}  // namespace

TEST_CASE("the shares follow the weights") {
  const auto even = AssignAll("e1", {{"a", 1}, {"b", 1}});
  CHECK(Share(even, 0) == doctest::Approx(0.5).epsilon(0.03));
  const auto uneven = AssignAll("e1", {{"a", 7}, {"b", 2}, {"c", 1}, {"none", 0}});
  CHECK(Share(uneven, 0) == doctest::Approx(0.7).epsilon(0.03));
  CHECK(Share(uneven, 1) == doctest::Approx(0.2).epsilon(0.06));
  CHECK(Share(uneven, 2) == doctest::Approx(0.1).epsilon(0.08));
  CHECK(Share(uneven, 3) == 0);
}

TEST_CASE("raising a weight moves users to that arm only, and no more than the shares need") {
  const auto before = AssignAll("e1", {{"a", 9}, {"b", 1}, {"c", 5}});
  const auto after = AssignAll("e1", {{"a", 9}, {"b", 3}, {"c", 5}});
  std::size_t moved = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == after[i]) continue;
    ++moved;
    CHECK(after[i] == 1);
  }
  const double needed = 3.0 / 17 - 1.0 / 15;
  CHECK(static_cast<double>(moved) / static_cast<double>(before.size()) ==
        doctest::Approx(needed).epsilon(0.08));
  CHECK(AssignAll("e1", {{"a", 90}, {"b", 10}, {"c", 50}}) == before);
}

TEST_CASE("experiments assign independently of each other") {
  const auto first = AssignAll("e1", {{"a", 1}, {"b", 1}});
  const auto second = AssignAll("e2", {{"a", 1}, {"b", 1}});
  std::size_t same = 0;
  for (std::size_t i = 0; i < first.size(); ++i) same += first[i] == second[i] ? 1U : 0U;
  CHECK(static_cast<double>(same) / static_cast<double>(first.size()) ==
        doctest::Approx(0.5).epsilon(0.03));
}

TEST_CASE("odd keys are keys like any other") {
  const std::vector<WeightedArm> arms = {{"a", 1}, {"b", 1}};
  for (const std::string& user :
       {std::string(), std::string(100000, 'x'), std::string("\0\xFF", 2), std::string("Zoë 🚀")}) {
    CHECK(AssignArm("e1", user, arms) == AssignArm("e1", user, arms));
    CHECK(AssignArm("e1", user, arms));
  }
  CHECK_FALSE(AssignArm("e1", "user", {}));
  CHECK_FALSE(AssignArm("e1", "user", std::vector<WeightedArm>{{"a", 0}}));
}

// Changing this changes which arm every user of a running experiment sees.
TEST_CASE("assignments are pinned") {
  const std::vector<WeightedArm> arms = {{"champion", 1}, {"challenger", 1}};
  std::string assigned;
  for (int i = 0; i < 24; ++i) {
    assigned += *AssignArm("pinned", std::to_string(i), arms) == 0 ? 'a' : 'b';
  }
  CHECK(assigned == "bbbaababaaaabaabbabbabbb");
}
