#include "smartsynch/distill/principal_axes.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "support/floats.h"

using smartsynch::FindPrincipalAxes;
using smartsynch::PrincipalAxes;
using smartsynch::testing::NormalFloats;

namespace {

double Dot(const float* a, const float* b, std::size_t n) {
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

void CheckOrthonormal(const PrincipalAxes& axes) {
  REQUIRE(axes.basis.size() == axes.axes * axes.input);
  for (std::size_t i = 0; i < axes.axes; ++i) {
    for (std::size_t j = 0; j < axes.axes; ++j) {
      const double dot =
          Dot(axes.basis.data() + i * axes.input, axes.basis.data() + j * axes.input, axes.input);
      CHECK(std::fabs(dot - (i == j ? 1.0 : 0.0)) < 1e-6);
    }
  }
}

// Spread 5, 3 and 1 along three directions of a turned plane, around (10, 20, 30, 40).
std::vector<float> Cloud(std::size_t rows) {
  const std::vector<float> noise = NormalFloats(rows * 3, 4);
  std::vector<float> vectors;
  for (std::size_t r = 0; r < rows; ++r) {
    const float a = 5.0F * noise[3 * r];
    const float b = 3.0F * noise[3 * r + 1];
    const float c = noise[3 * r + 2];
    const float half = std::sqrt(0.5F);
    vectors.insert(vectors.end(),
                   {10.0F + half * (a + b), 20.0F + half * (a - b), 30.0F + c, 40.0F});
  }
  return vectors;
}

}  // namespace

TEST_CASE("the axes are the directions of most spread, the strongest first") {
  const std::vector<float> cloud = Cloud(4000);
  const PrincipalAxes axes = FindPrincipalAxes(cloud, 4, 3);
  CheckOrthonormal(axes);
  const float half = std::sqrt(0.5F);
  CHECK(std::fabs(axes.basis[0] * half + axes.basis[1] * half) ==
        doctest::Approx(1.0).epsilon(0.01));
  CHECK(std::fabs(axes.basis[4] * half - axes.basis[5] * half) ==
        doctest::Approx(1.0).epsilon(0.01));
  CHECK(std::fabs(axes.basis[10]) == doctest::Approx(1.0).epsilon(0.01));
  CHECK(axes.mean[0] == doctest::Approx(10.0).epsilon(0.05));
  CHECK(axes.mean[3] == doctest::Approx(40.0).epsilon(0.001));
  CHECK(axes.explained == doctest::Approx(1.0).epsilon(1e-6));
  CHECK(FindPrincipalAxes(cloud, 4, 1).explained == doctest::Approx(25.0 / 35.0).epsilon(0.05));
}

TEST_CASE("projecting keeps what the axes hold") {
  const std::vector<float> cloud = Cloud(100);
  const PrincipalAxes axes = FindPrincipalAxes(cloud, 4, 3);
  std::vector<float> a(3), b(3);
  for (std::size_t r = 1; r < 100; ++r) {
    axes.Project(cloud.data(), a.data());
    axes.Project(cloud.data() + r * 4, b.data());
    double flat = 0.0, full = 0.0;
    for (std::size_t i = 0; i < 3; ++i) flat += std::pow(static_cast<double>(a[i] - b[i]), 2);
    for (std::size_t i = 0; i < 4; ++i) {
      full += std::pow(static_cast<double>(cloud[i] - cloud[r * 4 + i]), 2);
    }
    CHECK(flat == doctest::Approx(full).epsilon(1e-4));
  }
}

TEST_CASE("many dimensions, also more than vectors, give orthonormal axes and no surprise") {
  const std::vector<float> vectors = NormalFloats(std::size_t{20} * 48, 3);
  const PrincipalAxes axes = FindPrincipalAxes(vectors, 48, 32);
  CheckOrthonormal(axes);
  CHECK(axes.explained == doctest::Approx(1.0).epsilon(1e-6));
  CHECK(FindPrincipalAxes(vectors, 48, 99).axes == 48);
}

TEST_CASE("no vector, or no spread, still gives axes") {
  CheckOrthonormal(FindPrincipalAxes({}, 5, 3));
  const std::vector<float> same(12, 2.5F);
  const PrincipalAxes axes = FindPrincipalAxes(same, 4, 2);
  CheckOrthonormal(axes);
  CHECK(axes.explained == 0.0);
  CHECK(axes.mean[1] == 2.5F);
  CHECK(FindPrincipalAxes({}, 0, 0).basis.empty());
}
