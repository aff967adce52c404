// CLINC150's texts with their embeddings, as a user's tasks. The embeddings are computed once and
// kept in the system's folder for temporary files.
#pragma once

#include <string>
#include <vector>

#include "cli/engine.h"

namespace smartsynch::bench {

struct Row {
  std::string title;
  int intent = 0;
  std::vector<float> embedding;
};

struct Clinc {
  std::vector<std::string> intents;
  std::vector<Row> train;       // 20 an intent
  std::vector<Row> validation;  // 20 an intent
  std::vector<Row> test;        // 30 an intent
};

// `folder`: where clinc150_data_full.json is.
Result<Clinc> LoadClinc(const std::string& folder, const EngineOptions& options);

}  // namespace smartsynch::bench
