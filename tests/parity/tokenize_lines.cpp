// Token ids of texts, for comparing with other tokenizers: reads one JSON string a line from
// standard input, writes one JSON array of ids a line to standard output.
//
//   printf '"Fix the login"\n' | tokenize_lines models/base_model/vocab.txt 256
//
// Exit 0 when every line was answered, 1 with a message on standard error otherwise, 2 on wrong
// usage.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "smartsynch/text/wordpiece.h"

namespace {

using smartsynch::WordPiece;

int Answer(const WordPiece& wordpiece, std::size_t max_tokens) {
  std::string line;
  for (std::size_t number = 1; std::getline(std::cin, line); ++number) {
    const nlohmann::json text = nlohmann::json::parse(line, nullptr, false);
    if (!text.is_string()) {
      std::cerr << "tokenize_lines: line " << number << " is not a JSON string\n";
      return 1;
    }
    const std::string& bytes = text.get_ref<const std::string&>();
    std::cout << nlohmann::json(wordpiece.Encode(bytes, max_tokens).ids).dump() << '\n';
  }
  return std::cout.flush() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const long max_tokens = argc == 3 ? std::strtol(argv[2], nullptr, 10) : 256;
  if (argc < 2 || argc > 3 || max_tokens < 2) {
    std::cerr << "usage: tokenize_lines VOCABULARY [MAX_TOKENS, at least 2]\n";
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::string vocabulary{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    std::cerr << "tokenize_lines: cannot read " << argv[1] << "\n";
    return 1;
  }
  const auto wordpiece = WordPiece::FromVocabulary(vocabulary);
  if (!wordpiece) {
    std::cerr << "tokenize_lines: " << argv[1] << ": " << wordpiece.error().message << "\n";
    return 1;
  }
  std::ios::sync_with_stdio(false);
  return Answer(*wordpiece, static_cast<std::size_t>(max_tokens));
}
