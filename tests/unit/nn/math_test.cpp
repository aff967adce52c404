#include "smartsynch/nn/math.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "smartsynch/base/hash.h"
#include "support/floats.h"

using smartsynch::Exp;
using smartsynch::ExpAll;
using smartsynch::Log;
using smartsynch::Sha256Hex;
using smartsynch::Sigmoid;
using smartsynch::testing::Bits;
using smartsynch::testing::BytesOf;
using smartsynch::testing::FromBits;
using smartsynch::testing::UlpDistance;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kSmallest = std::numeric_limits<float>::denorm_min();

// The largest distance from the C library's double result, rounded once, over about a million
// floats of every sign and size.
template <typename Tested, typename Reference>
std::int64_t WorstUlp(Tested tested, Reference reference, float low, float high) {
  std::int64_t worst = 0;
  for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32U); bits += 4093) {
    const float x = FromBits(static_cast<std::uint32_t>(bits));
    if (!(x >= low && x <= high)) continue;
    const auto expected = static_cast<float>(reference(static_cast<double>(x)));
    worst = std::max(worst, UlpDistance(tested(x), expected));
  }
  return worst;
}

// Evenly spaced arguments, so that the middle of the range is covered as densely as its ends.
template <typename Tested, typename Reference>
std::int64_t WorstUlpEvenly(Tested tested, Reference reference, double low, double high) {
  std::int64_t worst = 0;
  constexpr int kSteps = 300000;
  for (int i = 0; i <= kSteps; ++i) {
    const auto x = static_cast<float>(low + (high - low) * i / kSteps);
    const auto expected = static_cast<float>(reference(static_cast<double>(x)));
    worst = std::max(worst, UlpDistance(tested(x), expected));
  }
  return worst;
}

double ExactExp(double x) { return std::exp(x); }
double ExactLog(double x) { return std::log(x); }
double ExactSigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

}  // namespace

TEST_CASE("Exp is within one unit in the last place everywhere") {
  CHECK(WorstUlp(Exp, ExactExp, -103.9F, 88.72F) <= 1);
  CHECK(WorstUlpEvenly(Exp, ExactExp, -103.9, 88.72) <= 1);
  CHECK(WorstUlpEvenly(Exp, ExactExp, -1.0, 1.0) <= 1);
}

TEST_CASE("Log is within one unit in the last place everywhere") {
  CHECK(WorstUlp(Log, ExactLog, kSmallest, std::numeric_limits<float>::max()) <= 1);
  CHECK(WorstUlpEvenly(Log, ExactLog, 0.5, 2.0) <= 1);
  CHECK(WorstUlpEvenly(Log, ExactLog, 0.999, 1.001) <= 1);
}

TEST_CASE("Sigmoid is within two units in the last place everywhere") {
  CHECK(WorstUlp(Sigmoid, ExactSigmoid, -103.0F, 200.0F) <= 2);
  CHECK(WorstUlpEvenly(Sigmoid, ExactSigmoid, -100.0, 20.0) <= 2);
  CHECK(WorstUlpEvenly(Sigmoid, ExactSigmoid, -2.0, 2.0) <= 2);
}

TEST_CASE("Exp at its edges") {
  CHECK(Exp(0.0F) == 1.0F);
  CHECK(Exp(-0.0F) == 1.0F);
  CHECK(Exp(kSmallest) == 1.0F);
  CHECK(Exp(-kSmallest) == 1.0F);
  CHECK(Exp(88.72283F) < kInfinity);
  CHECK(Exp(std::nextafter(88.72284F, 89.0F)) == kInfinity);
  CHECK(Exp(89.0F) == kInfinity);
  CHECK(Exp(std::nextafter(89.0F, 90.0F)) == kInfinity);
  CHECK(Exp(kInfinity) == kInfinity);
  CHECK(Exp(3e38F) == kInfinity);
  CHECK(Exp(-87.4F) < std::numeric_limits<float>::min());  // a denormal …
  CHECK(Exp(-103.0F) == FromBits(1));                      // … down to the smallest
  CHECK(Exp(-104.0F) == 0.0F);
  CHECK(Exp(std::nextafter(-104.0F, -105.0F)) == 0.0F);
  CHECK(Exp(-kInfinity) == 0.0F);
  CHECK_FALSE(std::signbit(Exp(-kInfinity)));
  CHECK(std::isnan(Exp(kNan)));
}

TEST_CASE("Log at its edges") {
  CHECK(Log(1.0F) == 0.0F);
  CHECK_FALSE(std::signbit(Log(1.0F)));
  CHECK(Log(0.0F) == -kInfinity);
  CHECK(Log(-0.0F) == -kInfinity);
  CHECK(Log(kInfinity) == kInfinity);
  CHECK(std::isnan(Log(-kSmallest)));
  CHECK(std::isnan(Log(-1.0F)));
  CHECK(std::isnan(Log(-kInfinity)));
  CHECK(std::isnan(Log(kNan)));
  CHECK(Log(kSmallest) == doctest::Approx(-103.27893));
}

TEST_CASE("Sigmoid at its edges, and its symmetry") {
  CHECK(Sigmoid(0.0F) == 0.5F);
  CHECK(Sigmoid(-0.0F) == 0.5F);
  CHECK(Sigmoid(kInfinity) == 1.0F);
  CHECK(Sigmoid(3e38F) == 1.0F);
  CHECK(Sigmoid(-kInfinity) == 0.0F);
  CHECK(Sigmoid(-3e38F) == 0.0F);
  CHECK(Sigmoid(-100.0F) > 0.0F);
  CHECK(std::isnan(Sigmoid(kNan)));
  for (float x = 0.0F; x < 30.0F; x += 0.37F) {
    CHECK(Sigmoid(x) + Sigmoid(-x) == doctest::Approx(1.0).epsilon(1e-6));
  }
}

TEST_CASE("none of them ever falls as its argument rises") {
  float previous_exp = 0.0F;
  float previous_sigmoid = 0.0F;
  float previous_log = -kInfinity;
  bool rising = true;
  for (int i = 0; i <= 200000; ++i) {
    const float x = -104.0F + 0.00105F * static_cast<float>(i);
    const float positive = 1e-3F * static_cast<float>(i);
    rising = rising && Exp(x) >= previous_exp && Sigmoid(x) >= previous_sigmoid &&
             Log(positive) >= previous_log;
    previous_exp = Exp(x);
    previous_sigmoid = Sigmoid(x);
    previous_log = Log(positive);
  }
  CHECK(rising);
}

TEST_CASE("the bits are these, on every host") {
  const std::vector<std::pair<float, std::uint32_t>> exps = {
      {1.0F, 0x402DF854U},    {-1.0F, 0x3EBC5AB2U},  {0.1F, 0x3F8D763EU},  {-0.5F, 0x3F1B4598U},
      {10.0F, 0x46AC14EEU},   {-10.0F, 0x383E6BCEU}, {88.5F, 0x7F4CDCC4U}, {-87.5F, 0x006CB2BCU},
      {-100.0F, 0x0000001BU}, {1e-3F, 0x3F8020C9U}};
  for (const auto& [x, bits] : exps) CHECK(Bits(Exp(x)) == bits);
  const std::vector<std::pair<float, std::uint32_t>> logs = {
      {2.0F, 0x3F317218U},  {0.5F, 0xBF317218U},  {10.0F, 0x40135D8EU}, {0.1F, 0xC0135D8EU},
      {1e-3F, 0xC0DD0C55U}, {3.0F, 0x3F8C9F54U},  {1.5F, 0x3ECF991FU},  {0.99999994F, 0xB3800000U},
      {1e38F, 0x42AEFF18U}, {1e-40F, 0xC2B834F2U}};
  for (const auto& [x, bits] : logs) CHECK(Bits(Log(x)) == bits);
  const std::vector<std::pair<float, std::uint32_t>> sigmoids = {
      {1.0F, 0x3F3B26A8U},   {-1.0F, 0x3E89B2B1U}, {0.1F, 0x3F066509U},  {-0.1F, 0x3EF335EEU},
      {5.0F, 0x3F7E4961U},   {-5.0F, 0x3BDB4FB4U}, {17.0F, 0x3F800000U}, {-17.0F, 0x3331CF19U},
      {-90.0F, 0x0008EC28U}, {1e-4F, 0x3F0001A4U}};
  for (const auto& [x, bits] : sigmoids) CHECK(Bits(Sigmoid(x)) == bits);
}

TEST_CASE("ExpAll has the bits of Exp, whatever the argument and the length") {
  std::vector<float> arguments = {kNan,  -kNan,   kInfinity, -kInfinity, 89.0F,
                                  89.1F, -104.0F, -104.1F,   kSmallest,  -0.0F};
  for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32U); bits += 40961) {
    arguments.push_back(FromBits(static_cast<std::uint32_t>(bits)));
  }
  std::vector<float> expected;
  for (const float x : arguments) expected.push_back(Exp(x));
  std::vector<float> all(arguments.size());
  ExpAll(arguments.data(), all.data(), all.size());
  CHECK(BytesOf(all) == BytesOf(expected));
  for (std::size_t length = 0; length < 70; ++length) {
    std::vector<float> in_place(arguments.begin(),
                                arguments.begin() + static_cast<std::ptrdiff_t>(length + 1));
    const float next = in_place.back();
    ExpAll(in_place.data(), in_place.data(), length);
    CHECK(Bits(in_place.back()) == Bits(next));
    in_place.resize(length);
    CHECK(BytesOf(in_place) ==
          BytesOf(std::vector<float>(expected.begin(),
                                     expected.begin() + static_cast<std::ptrdiff_t>(length))));
  }
}

TEST_CASE("60,000 results of each have the same hash on every host") {
  std::vector<float> exps;
  std::vector<float> logs;
  std::vector<float> sigmoids;
  for (int i = -30000; i < 30000; ++i) {
    const float x = static_cast<float>(i) * 0.0034F;
    exps.push_back(Exp(x));
    sigmoids.push_back(Sigmoid(x));
    logs.push_back(Log(Exp(x)));
  }
  CHECK(Sha256Hex(BytesOf(exps)) ==
        "b5616c3b26e2c510fa9385d2ed2447e18cd9cbe64c281996d00c6bd40cb93668");
  CHECK(Sha256Hex(BytesOf(logs)) ==
        "dd8c83a0c852dbca46e4cf3e5dd848129139cc01777694fe85e66c547b002767");
  CHECK(Sha256Hex(BytesOf(sigmoids)) ==
        "1a364570df6d10f95b38c80457362e5d05effd9df0aa4c08e7c2269512ff07d4");
}
