// The unit tests' fixtures check what they make with doctest, which needs a context outside of its
// own test cases. Included by one source file of a target.
#pragma once

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

namespace smartsynch::fuzz {

// Call before a fixture.
inline void AllowFixtures() {
  static doctest::Context context;
  static const bool kSet = [] {
    context.setAsDefaultForAssertsOutOfTestCases();
    return true;
  }();
  static_cast<void>(kSet);
}

}  // namespace smartsynch::fuzz
