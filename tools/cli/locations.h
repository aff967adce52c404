// Where the native programs find the project's files when no option says otherwise.
#pragma once

#include <string>

#include "smartsynch/base/status.h"

namespace smartsynch {

// The folder that holds models/ and .cache/: the environment's SMARTSYNCH_HOME, else the nearest
// folder above the running program that has models/. Fails with kNotFound.
Result<std::string> HomeFolder();

// models/ below the home folder, and in it the model that `models activate` chose, else
// base_model/model.safetensors, whether or not it exists.
Result<std::string> DefaultModelsFolder();
Result<std::string> DefaultModelPath();

// The environment's SMARTSYNCH_ENCODER, else models/base_model/encoder.onnx. Like the
// vocabulary, it need not exist: opening it will tell.
Result<std::string> DefaultEncoderPath();
Result<std::string> DefaultVocabularyPath();
Result<std::string> DefaultTokenTablePath();  // models/base_model/token_table.safetensors

// The environment's SMARTSYNCH_RUNS, else runs/ below the home folder.
Result<std::string> DefaultRunsFolder();

}  // namespace smartsynch
