// Natural logarithm and log-gamma in double with the same bits on every host (see nn/math.h for
// why the C library's will not do). Right to about 1e-14, relative or absolute. Pure.
#pragma once

namespace smartsynch {

// -infinity at 0; x must not be negative.
double LogOf(double x);

// ln Γ(x) for x >= 1.
double LogGamma(double x);

}  // namespace smartsynch
