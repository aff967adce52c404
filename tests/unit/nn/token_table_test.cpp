#include "smartsynch/nn/token_table.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/floats.h"

using smartsynch::TokenTable;
using smartsynch::testing::NormalFloats;
using smartsynch::testing::SameBits;

namespace {

TokenTable Table(std::size_t rows, std::size_t dimension, unsigned bits) {
  TokenTable table;
  table.dimension = dimension;
  table.bits = bits;
  table.scale.assign(rows, 0.0F);
  table.codes.assign(rows * table.RowBytes(), 0);
  for (std::size_t row = 0; row < rows; ++row) {
    table.SetRow(row, NormalFloats(dimension, row).data());
  }
  return table;
}

std::vector<float> Embed(const TokenTable& table, const std::vector<std::int32_t>& ids) {
  std::vector<float> out(table.dimension, 7.0F);
  table.Embed(ids, out.data());
  return out;
}

double Cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double dot = 0.0, aa = 0.0, bb = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    aa += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    bb += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return dot / std::sqrt(aa * bb);
}

}  // namespace

TEST_CASE("a row comes back as near as its bits allow") {
  const std::vector<float> values = NormalFloats(64, 99);
  for (const auto& [bits, nearest] :
       {std::pair<unsigned, double>{3, 0.96}, {4, 0.99}, {8, 0.9999}}) {
    TokenTable table = Table(1, 64, bits);
    table.SetRow(0, values.data());
    std::vector<float> back(64);
    table.GetRow(0, back.data());
    CHECK(Cosine(values, back) > nearest);
    for (const float value : back) {
      const float code = value / table.scale[0];
      CHECK(std::fabs(code) <= static_cast<float>(table.HighestCode()));
      CHECK(code == std::nearbyint(code));
    }
  }
}

TEST_CASE("every code survives being packed beside every other") {
  for (const unsigned bits : {3U, 4U, 8U}) {
    const int most = Table(1, 4, bits).HighestCode();
    for (int a = -most; a <= most; ++a) {
      for (int b = -most; b <= most; b += bits == 8 ? 31 : 1) {
        // The largest magnitude sets the scale, so it has to be there.
        TokenTable wide = Table(1, 4, bits);
        const std::vector<float> values = {static_cast<float>(a), static_cast<float>(b),
                                           static_cast<float>(most), static_cast<float>(-most)};
        wide.SetRow(0, values.data());
        std::vector<float> back(4);
        wide.GetRow(0, back.data());
        CHECK(back == values);
      }
    }
  }
}

TEST_CASE("a text's embedding is the normalised sum of its rows, in any order of magnitude") {
  for (const unsigned bits : {3U, 4U, 8U}) {
    const TokenTable table = Table(9, 10, bits);
    std::vector<float> sum(10, 0.0F);
    std::vector<float> row(10);
    for (const std::size_t id : {2U, 5U, 5U, 8U}) {
      table.GetRow(id, row.data());
      for (std::size_t d = 0; d < 10; ++d) sum[d] += row[d];
    }
    const std::vector<float> embedding = Embed(table, {2, 5, 5, 8});
    CHECK(Cosine(embedding, sum) == doctest::Approx(1.0).epsilon(1e-6));
    CHECK(Cosine(embedding, embedding) == doctest::Approx(1.0));
    double length = 0.0;
    for (const float v : embedding) length += static_cast<double>(v) * static_cast<double>(v);
    CHECK(length == doctest::Approx(1.0).epsilon(1e-6));
  }
}

TEST_CASE("nothing to sum gives zeros: no id, zero rows, ids out of range") {
  TokenTable table = Table(3, 4, 4);
  const std::vector<float> zeros(4, 0.0F);
  table.SetRow(1, zeros.data());
  CHECK(table.scale[1] == 0.0F);
  CHECK(Embed(table, {}) == zeros);
  CHECK(Embed(table, {1, 1}) == zeros);
  CHECK(Embed(table, {-1, 3, 2147483647, -2147483647}) == zeros);
  CHECK(SameBits(Embed(table, {-1, 2, 1, 99}), Embed(table, {2})));
  CHECK(Embed(TokenTable{}, {1}).empty());
}

TEST_CASE("values that are not finite count as zero, and huge and tiny ones stay in range") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float infinity = std::numeric_limits<float>::infinity();
  TokenTable table = Table(1, 4, 4);
  const std::vector<float> odd = {nan, 1.0F, infinity, -1.0F};
  table.SetRow(0, odd.data());
  std::vector<float> back(4);
  table.GetRow(0, back.data());
  CHECK(back[0] == 0.0F);
  CHECK(back[2] == 0.0F);
  CHECK(back[1] == -back[3]);
  CHECK(back[1] == doctest::Approx(1.0).epsilon(0.1));
  for (const float size : {1e-30F, 1e30F}) {
    const std::vector<float> values = {size, -size, 0.0F, size};
    table.SetRow(0, values.data());
    table.GetRow(0, back.data());
    CHECK(back[0] / size == doctest::Approx(1.0).epsilon(0.1));
  }
}

TEST_CASE("a long text has the same bits on every host") {
  const TokenTable table = Table(50, 32, 3);
  std::vector<std::int32_t> ids;
  for (std::int32_t i = 0; i < 256; ++i) ids.push_back(i * 7 % 50);
  const std::vector<float> embedding = Embed(table, ids);
  std::uint32_t mixed = 0;
  for (const float value : embedding) mixed = mixed * 31 + smartsynch::testing::Bits(value);
  CHECK(mixed == 757338853U);
}
