// exp and log with the same bits on every host. The C libraries' own differ in their last place
// (and even between processors, where a library picks code by feature), which would make training
// on one host diverge from another. Only IEEE additions, multiplications and divisions in a fixed
// order are used, in double, rounded once to float: right to within one unit in the last place of
// float. Thread safety: pure functions.
#pragma once

#include <cstddef>

namespace smartsynch {

// Overflow gives infinity, underflow 0, NaN stays NaN.
float Exp(float x);

// out[i] = Exp(x[i]), the same bits in less time. `out` may be `x`.
void ExpAll(const float* x, float* out, std::size_t size);

// Natural logarithm; -infinity at 0, NaN below it.
float Log(float x);

// 1 / (1 + exp(-x)), without overflow at either end.
float Sigmoid(float x);

}  // namespace smartsynch
