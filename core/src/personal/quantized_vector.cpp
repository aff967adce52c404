#include "smartsynch/personal/quantized_vector.h"

#include <algorithm>
#include <cmath>

namespace smartsynch {
namespace {

constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The finaliser of MurmurHash3 (A. Appleby, public domain): every input bit moves every output bit.
std::uint32_t Mix(std::uint32_t x) {
  x ^= x >> 16U;
  x *= 0x85ebca6bU;
  x ^= x >> 13U;
  x *= 0xc2b2ae35U;
  return x ^ (x >> 16U);
}

}  // namespace

std::vector<std::int8_t> QuantizeDirection(std::span<const float> values) {
  float largest = 0.0F;
  for (const float value : values) {
    if (std::isfinite(value)) largest = std::max(largest, std::fabs(value));
  }
  std::vector<std::int8_t> result(values.size(), 0);
  if (largest <= 0.0F) return result;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float steps = std::isfinite(values[i]) ? values[i] / largest * 127.0F : 0.0F;
    const auto whole = static_cast<std::int32_t>(std::nearbyint(steps));
    result[i] = static_cast<std::int8_t>(std::clamp(whole, -127, 127));
  }
  return result;
}

std::vector<std::int8_t> HashedDirection(std::span<const std::uint32_t> features,
                                         std::size_t dimension) {
  std::vector<int> sums(dimension, 0);
  for (const std::uint32_t feature : features) {
    const std::uint32_t hash = Mix(feature + 1U);
    sums[(hash >> 1U) % dimension] += (hash & 1U) != 0 ? 1 : -1;
  }
  std::vector<std::int8_t> result(dimension);
  std::transform(sums.begin(), sums.end(), result.begin(),
                 [](int sum) { return static_cast<std::int8_t>(std::clamp(sum, -127, 127)); });
  return result;
}

std::vector<std::int8_t> JoinDirections(std::span<const float> first,
                                        std::span<const std::int8_t> second, float share) {
  float squares = 0.0F;
  for (const float value : first) squares += value * value;
  const float first_factor = squares > 0.0F ? std::sqrt(share / squares) : 0.0F;
  const float second_factor = std::sqrt(1.0F - share) * InverseNorm(second);
  std::vector<float> joined;
  joined.reserve(first.size() + second.size());
  for (const float value : first) joined.push_back(value * first_factor);
  for (const std::int8_t value : second) {
    joined.push_back(static_cast<float>(value) * second_factor);
  }
  return QuantizeDirection(joined);
}

std::int32_t Dot(std::span<const std::int8_t> a, std::span<const std::int8_t> b) {
  const std::size_t size = std::min(a.size(), b.size());
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += static_cast<std::int32_t>(a[i]) * b[i];
  return sum;
}

float InverseNorm(std::span<const std::int8_t> values) {
  const std::int32_t squares = Dot(values, values);
  return squares > 0 ? 1.0F / std::sqrt(static_cast<float>(squares)) : 0.0F;
}

std::string EncodeBase64(std::span<const std::int8_t> values) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      bits = bits << 8U | (j < values.size() ? static_cast<std::uint8_t>(values[j]) : 0U);
    }
    for (std::size_t digit = 0; digit < 4; ++digit) {
      const bool is_padding = i + digit > values.size();
      text += is_padding
                  ? '='
                  : kBase64Digits[bits >> (18U - 6U * static_cast<std::uint32_t>(digit)) & 63U];
    }
  }
  return text;
}

Result<std::vector<std::int8_t>> DecodeBase64(std::string_view text) {
  std::vector<std::int8_t> values;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text.substr(0, std::min(text.find('='), text.size()))) {
    const std::size_t digit = kBase64Digits.find(c);
    if (digit == std::string_view::npos) break;
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    values.push_back(static_cast<std::int8_t>(static_cast<std::uint8_t>(bits >> count & 255U)));
  }
  // Writing it again catches whatever was skipped: letters outside, wrong padding, stray bits.
  if (EncodeBase64(values) != text) {
    return Fail(ErrorCode::kInvalidData, "is not base64 (RFC 4648, with padding)");
  }
  return values;
}

}  // namespace smartsynch
