#include "smartsynch/personal/quantized_vector.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "smartsynch/base/random.h"

namespace smartsynch {
namespace {

TEST_CASE("A direction keeps its cosines") {
  Random random(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<float> a(384);
    std::vector<float> b(384);
    double dot = 0.0;
    double aa = 0.0;
    double bb = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      a[i] = random.NextNormal();
      b[i] = 0.5F * a[i] + random.NextNormal();
      dot += static_cast<double>(a[i]) * static_cast<double>(b[i]);
      aa += static_cast<double>(a[i]) * static_cast<double>(a[i]);
      bb += static_cast<double>(b[i]) * static_cast<double>(b[i]);
    }
    const auto qa = QuantizeDirection(a);
    const auto qb = QuantizeDirection(b);
    const float cosine = static_cast<float>(Dot(qa, qb)) * InverseNorm(qa) * InverseNorm(qb);
    CHECK(std::fabs(static_cast<double>(cosine) - dot / std::sqrt(aa * bb)) < 0.005);
  }
}

TEST_CASE("Zero, empty and unbounded vectors are directions to nowhere") {
  CHECK(QuantizeDirection({}).empty());
  const std::vector<float> zero(4, 0.0F);
  CHECK(InverseNorm(QuantizeDirection(zero)) == 0.0F);
  const std::vector<float> odd = {std::numeric_limits<float>::infinity(), 1.0F,
                                  std::numeric_limits<float>::quiet_NaN(), -1.0F};
  CHECK(QuantizeDirection(odd) == std::vector<std::int8_t>{0, 127, 0, -127});
  const std::vector<float> tiny = {1e-45F, 0.0F};
  CHECK(QuantizeDirection(tiny) == std::vector<std::int8_t>{127, 0});
}

TEST_CASE("Hashed directions: shared features are near, others far") {
  std::vector<std::uint32_t> a;
  std::vector<std::uint32_t> b;
  std::vector<std::uint32_t> c;
  for (std::uint32_t i = 0; i < 40; ++i) {
    a.push_back(i);
    b.push_back(i < 30 ? i : i + 1000);
    c.push_back(i + 5000);
  }
  const auto cosine = [](const auto& x, const auto& y) {
    return static_cast<float>(Dot(x, y)) * InverseNorm(x) * InverseNorm(y);
  };
  const auto x = HashedDirection(a, 256);
  CHECK(cosine(x, HashedDirection(b, 256)) > 0.5F);
  CHECK(cosine(x, HashedDirection(c, 256)) < 0.3F);
  CHECK(InverseNorm(HashedDirection({}, 256)) == 0.0F);
}

TEST_CASE("Base64 goes both ways and refuses everything else") {
  // RFC 4648, section 10.
  const std::string text = "foobar";
  const char* expected[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::vector<std::int8_t> values(text.begin(),
                                          text.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(EncodeBase64(values) == expected[size]);
    REQUIRE(DecodeBase64(expected[size]).has_value());
    CHECK(*DecodeBase64(expected[size]) == values);
  }
  std::vector<std::int8_t> all;
  for (int i = -128; i < 128; ++i) all.push_back(static_cast<std::int8_t>(i));
  CHECK(*DecodeBase64(EncodeBase64(all)) == all);
  for (const char* bad :
       {"Z", "Zg", "Zg=", "Zh==", "Zg==x", "=", "Zm9v\n", "Zm 9v", "\xC3\xA9=="}) {
    CAPTURE(bad);
    const auto result = DecodeBase64(bad);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == ErrorCode::kInvalidData);
  }
}

TEST_CASE("The cosine of joined directions is the mean of the parts' cosines") {
  Random random(11);
  const auto draw = [&](std::size_t size, float length) {
    std::vector<float> values(size);
    for (float& value : values) value = length * random.NextNormal();
    return values;
  };
  const auto cosine = [](const std::vector<std::int8_t>& a, const std::vector<std::int8_t>& b) {
    return static_cast<float>(Dot(a, b)) * InverseNorm(a) * InverseNorm(b);
  };
  for (const float share : {0.0F, 0.3F, 0.7F, 1.0F}) {
    const std::vector<float> first = draw(128, 1.0F);
    std::vector<float> near = draw(128, 1.0F);
    for (std::size_t i = 0; i < near.size(); ++i) near[i] = 40.0F * (near[i] + first[i]);
    const auto second = QuantizeDirection(draw(256, 3.0F));
    const auto other = QuantizeDirection(draw(256, 0.01F));
    const float expected = share * cosine(QuantizeDirection(first), QuantizeDirection(near)) +
                           (1.0F - share) * cosine(second, other);
    const float joined =
        cosine(JoinDirections(first, second, share), JoinDirections(near, other, share));
    CHECK(std::fabs(joined - expected) < 0.02F);
  }
}

TEST_CASE("A part that is zero or missing adds nothing to a joined direction") {
  const std::vector<float> zero(2, 0.0F);
  const std::vector<std::int8_t> grams = {3, -4};
  CHECK(JoinDirections(zero, grams, 0.7F) == std::vector<std::int8_t>{0, 0, 95, -127});
  CHECK(JoinDirections({}, {}, 0.7F).empty());
  const std::vector<float> token = {0.6F, -0.8F};
  CHECK(JoinDirections(token, std::vector<std::int8_t>{0, 0}, 0.7F) ==
        std::vector<std::int8_t>{95, -127, 0, 0});
}

}  // namespace
}  // namespace smartsynch
