// The README's C++ example as a whole program: the lines between the marks are the README's, and a
// test holds them equal.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>

#include "smartsynch/engine/classifier.h"
#include "smartsynch/model/model_file.h"
#include "smartsynch/model/token_table_file.h"

namespace {

std::string Read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int Complain(const smartsynch::Error& error) {
  std::cerr << error.message << "\n";
  return 1;
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 4) {
    std::cerr << "use: use_from_cpp MODEL VOCABULARY TOKEN_TABLE\n";
    return 2;
  }
  const std::string model_bytes = Read(arguments[1]);
  const std::string vocabulary_bytes = Read(arguments[2]);
  const std::string token_table_bytes = Read(arguments[3]);
  // README begins
  smartsynch::Result<smartsynch::Model> model = smartsynch::ParseModel(model_bytes);
  if (!model) return Complain(model.error());
  auto tokenizer = smartsynch::WordPiece::FromVocabulary(vocabulary_bytes);
  if (!tokenizer) return Complain(tokenizer.error());
  auto table = smartsynch::ParseTokenTable(token_table_bytes);
  if (!table) return Complain(table.error());
  auto classifier =
      smartsynch::Classifier::Create(*std::move(model), *std::move(tokenizer), *std::move(table));
  if (!classifier) return Complain(classifier.error());

  const smartsynch::PreparedTask task = classifier->Prepare("Fix login crash", "500 on submit");
  std::cout << smartsynch::ToJson(classifier->ClassifyInstant(task)) << "\n";
  // README ends
}
