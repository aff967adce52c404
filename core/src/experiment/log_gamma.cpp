#include "experiment/log_gamma.h"

#include <cmath>
#include <limits>

namespace smartsynch {

double LogOf(double x) {
  if (x <= 0) return -std::numeric_limits<double>::infinity();
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);  // exact, in [0.5, 1)
  if (mantissa < 0.70710678118654752) {
    mantissa *= 2;
    --exponent;
  }
  // ln m = 2 artanh((m - 1) / (m + 1)), where the argument is below 0.172.
  const double s = (mantissa - 1) / (mantissa + 1);
  const double s2 = s * s;
  double sum = 0;
  for (int k = 21; k >= 1; k -= 2) sum = sum * s2 + 1.0 / k;
  return exponent * 0.69314718055994531 + 2 * s * sum;
}

double LogGamma(double x) {
  // Stirling's series is good from 10 on; below, Γ(x) = Γ(x + 1) / x.
  double product = 1;
  while (x < 10) {
    product *= x;
    x += 1;
  }
  const double r = 1 / x;
  const double r2 = r * r;
  const double series =
      r * (1.0 / 12 - r2 * (1.0 / 360 - r2 * (1.0 / 1260 - r2 * (1.0 / 1680 - r2 / 1188))));
  return (x - 0.5) * LogOf(x) - x + 0.91893853320467274 + series - LogOf(product);
}

}  // namespace smartsynch
