// The rows of tests/golden/wordpiece_golden.jsonl: hard texts with the ids of Hugging Face
// `tokenizers`, on the encoder's own vocabulary.
#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "smartsynch/text/utf8.h"
#include "smartsynch/text/wordpiece.h"

using smartsynch::Encoding;
using smartsynch::WordPiece;

namespace {

using Json = nlohmann::json;

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

// The row's text: stored, given as bytes, or built from pieces (see the golden file's generator).
std::string TextOf(const Json& row) {
  if (row.contains("text")) return row["text"].get<std::string>();
  if (row.contains("hex")) return FromHex(row["hex"].get<std::string>());
  const auto pieces = row["pieces"].get<std::vector<std::string>>();
  const auto separator = row["separator"].get<std::string>();
  const auto count = row["count"].get<std::size_t>();
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += separator;
    text += pieces[i % pieces.size()];
  }
  return text;
}

std::string Joined(const std::vector<std::int32_t>& ids) {
  std::string text;
  for (const std::int32_t id : ids) {
    if (!text.empty()) text += ' ';
    text += std::to_string(id);
  }
  return text;
}

}  // namespace

TEST_CASE("golden rows: exactly the ids of tokenizers") {
  const std::string vocabulary_path = SMARTSYNCH_BASE_MODEL_DIR "/vocab.txt";
  std::ifstream vocabulary_file(vocabulary_path, std::ios::binary);
  REQUIRE_MESSAGE(vocabulary_file.good(),
                  "cannot read " << vocabulary_path << ": run tools/setup.sh, which fetches it");
  const std::string vocabulary{std::istreambuf_iterator<char>(vocabulary_file), {}};
  const auto wordpiece = WordPiece::FromVocabulary(vocabulary);
  REQUIRE_MESSAGE(wordpiece.has_value(), wordpiece.error().message);

  std::ifstream golden(SMARTSYNCH_SOURCE_DIR "/tests/golden/wordpiece_golden.jsonl");
  std::string line;
  REQUIRE(std::getline(golden, line));
  const Json header = Json::parse(line, nullptr, false);
  REQUIRE(header.is_object());
  REQUIRE_MESSAGE(header["vocabulary_sha256"] == wordpiece->vocabulary_sha256(),
                  "the golden rows were made with another vocabulary");

  std::size_t rows = 0;
  while (std::getline(golden, line)) {
    ++rows;
    const Json row = Json::parse(line, nullptr, false);
    REQUIRE(row.is_object());
    const std::string text = TextOf(row);
    const Encoding encoding = wordpiece->Encode(text, row["max"].get<std::size_t>());
    INFO("line ", rows + 1, ", ", row["group"].get<std::string>(), ": ", line.substr(0, 300));
    CHECK(Joined(encoding.ids) == row["ids"].get<std::string>());
    CHECK(encoding.truncated == row["truncated"].get<bool>());
    CHECK(encoding.has_known_token == row["known"].get<bool>());
    if (row.contains("hex")) {
      const Encoding repaired = wordpiece->Encode(smartsynch::RepairUtf8(text));
      CHECK(Joined(repaired.ids) == row["ids"].get<std::string>());
    }
  }
  CHECK(rows == header["rows"].get<std::size_t>());
  CHECK(rows >= 2000);
}
