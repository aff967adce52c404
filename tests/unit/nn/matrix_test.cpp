#include "smartsynch/nn/matrix.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "smartsynch/base/hash.h"
#include "support/floats.h"

using smartsynch::MatMul;
using smartsynch::MatMulTransposed;
using smartsynch::Sha256Hex;
using smartsynch::Transpose;
using smartsynch::testing::BytesOf;
using smartsynch::testing::NormalFloats;
using smartsynch::testing::SameBits;

namespace {

struct Size {
  std::size_t m;
  std::size_t k;
  std::size_t n;
};

// The definition: one output after the other, the inner index ascending.
std::vector<float> NaiveProduct(const std::vector<float>& a, const std::vector<float>& b,
                                std::vector<float> c, const Size& size) {
  for (std::size_t i = 0; i < size.m; ++i) {
    for (std::size_t j = 0; j < size.n; ++j) {
      float sum = c[i * size.n + j];
      for (std::size_t p = 0; p < size.k; ++p) sum += a[i * size.k + p] * b[p * size.n + j];
      c[i * size.n + j] = sum;
    }
  }
  return c;
}

const std::vector<Size> kSizes = {{1, 1, 1},   {3, 5, 7},      {4, 16, 16},  {5, 1, 17},
                                  {4, 3, 15},  {8, 9, 32},     {7, 2, 33},   {1, 384, 128},
                                  {2, 64, 16}, {33, 384, 129}, {64, 40, 152}};

}  // namespace

TEST_CASE("a product has exactly the bits of the plain triple loop, whatever the size") {
  for (const Size& size : kSizes) {
    CAPTURE(size.m);
    CAPTURE(size.k);
    CAPTURE(size.n);
    const std::vector<float> a = NormalFloats(size.m * size.k, 1);
    const std::vector<float> b = NormalFloats(size.k * size.n, 2);
    const std::vector<float> before = NormalFloats(size.m * size.n, 3);
    std::vector<float> c = before;
    MatMul(a.data(), b.data(), c.data(), size.m, size.k, size.n);
    CHECK(SameBits(c, NaiveProduct(a, b, std::vector<float>(before.size(), 0.0F), size)));
    c = before;
    MatMul(a.data(), b.data(), c.data(), size.m, size.k, size.n, /*accumulate=*/true);
    CHECK(SameBits(c, NaiveProduct(a, b, before, size)));
    std::vector<float> transposed(a.size());
    Transpose(a.data(), transposed.data(), size.m, size.k);
    MatMulTransposed(transposed.data(), b.data(), c.data(), size.m, size.k, size.n);
    CHECK(SameBits(c, NaiveProduct(a, b, std::vector<float>(before.size(), 0.0F), size)));
  }
}

TEST_CASE("a row's bits do not depend on how many rows are computed with it") {
  const Size size{13, 50, 21};
  const std::vector<float> a = NormalFloats(size.m * size.k, 4);
  const std::vector<float> b = NormalFloats(size.k * size.n, 5);
  std::vector<float> together(size.m * size.n);
  MatMul(a.data(), b.data(), together.data(), size.m, size.k, size.n);
  std::vector<float> alone(size.m * size.n);
  for (std::size_t row = 0; row < size.m; ++row) {
    MatMul(a.data() + row * size.k, b.data(), alone.data() + row * size.n, 1, size.k, size.n);
  }
  CHECK(SameBits(together, alone));
}

TEST_CASE("a product with an empty side") {
  std::vector<float> c = {1.0F, 2.0F, 3.0F, 4.0F};
  MatMul(nullptr, nullptr, c.data(), 2, 0, 2, /*accumulate=*/true);
  CHECK(c == std::vector<float>{1.0F, 2.0F, 3.0F, 4.0F});
  MatMul(nullptr, nullptr, c.data(), 2, 0, 2);
  CHECK(c == std::vector<float>(4, 0.0F));
  MatMulTransposed(nullptr, nullptr, c.data(), 2, 0, 2);
  CHECK(c == std::vector<float>(4, 0.0F));
  MatMul(nullptr, c.data(), nullptr, 0, 2, 2);
  MatMul(c.data(), nullptr, nullptr, 2, 2, 0);
  Transpose(nullptr, nullptr, 0, 5);
  Transpose(nullptr, nullptr, 5, 0);
  CHECK(c == std::vector<float>(4, 0.0F));
}

TEST_CASE("nothing is skipped: zero times infinity is not a number") {
  for (const std::size_t columns : {std::size_t{1}, std::size_t{16}}) {
    const std::vector<float> a(4, 0.0F);
    const std::vector<float> b(columns, std::numeric_limits<float>::infinity());
    std::vector<float> c(4 * columns);
    MatMul(a.data(), b.data(), c.data(), 4, 1, columns);
    for (const float value : c) CHECK(std::isnan(value));
  }
}

TEST_CASE("a product and an addition are rounded one after the other") {
  // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24 needs a 25th digit: rounded first, it is gone before the
  // subtraction; fused, it would remain.
  const float x = 1.0F + 0x1.0p-12F;
  for (const std::size_t columns : {std::size_t{1}, std::size_t{16}}) {
    const std::vector<float> a(4, x);
    const std::vector<float> b(columns, x);
    std::vector<float> c(4 * columns, -(1.0F + 0x1.0p-11F));
    MatMul(a.data(), b.data(), c.data(), 4, 1, columns, /*accumulate=*/true);
    for (const float value : c) CHECK(value == 0.0F);
  }
}

TEST_CASE("a product's bits are these, on every host") {
  const Size size{33, 384, 129};
  const std::vector<float> a = NormalFloats(size.m * size.k, 6);
  const std::vector<float> b = NormalFloats(size.k * size.n, 7);
  std::vector<float> c(size.m * size.n);
  MatMul(a.data(), b.data(), c.data(), size.m, size.k, size.n);
  CHECK(Sha256Hex(BytesOf(c)) ==
        "148ed7b0220677fbe428e7627c76eb66bd329d5ae249df62fa6e71a510c43404");
}

TEST_CASE("a transpose swaps rows and columns") {
  const std::vector<float> in = {1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 6.0F};
  std::vector<float> out(6);
  Transpose(in.data(), out.data(), 2, 3);
  CHECK(out == std::vector<float>{1.0F, 4.0F, 2.0F, 5.0F, 3.0F, 6.0F});
  std::vector<float> back(6);
  Transpose(out.data(), back.data(), 3, 2);
  CHECK(back == in);
  float one = 0.0F;
  Transpose(in.data(), &one, 1, 1);
  CHECK(one == 1.0F);
}
