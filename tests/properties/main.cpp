// The same inputs every time, unless RC_PARAMS says otherwise:
//
//   RC_PARAMS="seed=$RANDOM max_success=5000" smartsynch_property_tests
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>

int main(int argc, char** argv) {
  setenv("RC_PARAMS", "seed=1", 0);
  doctest::Context context(argc, argv);
  return context.run();
}
