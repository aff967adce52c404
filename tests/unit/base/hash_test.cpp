#include "smartsynch/base/hash.h"

#include <doctest/doctest.h>

#include <string>

using smartsynch::Fnv1a64;
using smartsynch::Sha256Hex;

TEST_CASE("SHA-256 gives the digests of FIPS 180-4's examples") {
  CHECK(Sha256Hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(Sha256Hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(Sha256Hex(std::string(1000000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 pads every length around a block boundary differently") {
  std::string text;
  std::string previous;
  for (int i = 0; i < 130; ++i) {
    const std::string digest = Sha256Hex(text);
    CHECK(digest.size() == 64);
    CHECK(digest != previous);
    previous = digest;
    text += 'x';
  }
}

TEST_CASE("FNV-1a gives the published value") {
  CHECK(Fnv1a64("") == 0xcbf29ce484222325ULL);
  CHECK(Fnv1a64("a") == 0xaf63dc4c8601ec8cULL);
}

TEST_CASE("FNV-1a of a text is carried on from any beginning of it") {
  const std::string text = "a text \xFF";
  for (std::size_t i = 0; i <= text.size(); ++i) {
    CHECK(Fnv1a64(text.substr(i), Fnv1a64(text.substr(0, i))) == Fnv1a64(text));
  }
}
