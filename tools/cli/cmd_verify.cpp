// verify: is this model file what its trainer wrote, and does this machine answer as it did?
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/common.h"
#include "cli/embed.h"
#include "cli/file.h"
#include "cli/locations.h"
#include "smartsynch/model/model_file.h"

namespace smartsynch {
namespace {

struct VerifyOptions {
  EngineOptions engine;
  bool json = false;
};

// The encoders of different machines agree to about 1e-6; another encoder is far below this.
constexpr double kLeastCosine = 0.9999;

struct Verified {
  std::string path;
  std::string version;
  std::size_t self_tests = 0;
  double least_cosine = 1;  // of embeddings made here and those the trainer stored
  bool has_encoder = false;
};

Result<Verified> Verify(const VerifyOptions& options) {
  const Result<std::string> path =
      options.engine.model.empty() ? DefaultModelPath() : Result<std::string>(options.engine.model);
  if (!path) return tl::unexpected(path.error());
  EngineOptions engine_options = options.engine;
  engine_options.model = *path;
  // Loading checks content hash, self-test, vocabulary and encoder.
  const Result<Engine> engine = Engine::Load(engine_options);
  if (!engine) return tl::unexpected(engine.error());
  const Model& model = engine->classifier().model();
  Verified verified{*path, model.version, model.self_test.size(), 1, false};
  if (engine->tier() == Tier::kInstant) return verified;
  verified.has_encoder = true;
  const Result<std::unique_ptr<OrtEncoder>> encoder = LoadEncoder(options.engine);
  if (!encoder) return tl::unexpected(encoder.error());
  std::vector<Encoding> encodings;
  for (const SelfTestSample& sample : model.self_test) {
    encodings.push_back(engine->classifier().Prepare(sample.title, sample.description).encoding);
  }
  const Result<std::vector<float>> embeddings = EmbedAll(**encoder, encodings);
  if (!embeddings) return tl::unexpected(embeddings.error());
  const std::size_t dimension = (*encoder)->dimension();
  for (std::size_t i = 0; i < model.self_test.size(); ++i) {
    if (!encodings[i].has_known_token) continue;
    double cosine = 0;
    for (std::size_t d = 0; d < dimension; ++d) {
      cosine += static_cast<double>(model.self_test[i].embedding[d]) *
                static_cast<double>((*embeddings)[i * dimension + d]);
    }
    verified.least_cosine = std::min(verified.least_cosine, cosine);
  }
  if (!(verified.least_cosine >= kLeastCosine)) {
    return Fail(ErrorCode::kIncompatible,
                *path +
                    ": the encoder gives other embeddings here than where the model was "
                    "trained: found a cosine of " +
                    std::to_string(verified.least_cosine) + ", expected " +
                    std::to_string(kLeastCosine) + " or more",
                "--encoder");
  }
  return verified;
}

int VerifyAndReport(const VerifyOptions& options) {
  const Result<Verified> verified = Verify(options);
  if (!verified) return ReportFailure(verified.error());
  if (options.json) {
    return PrintJson(
        {{"ok", true},
         {"model", verified->path},
         {"model_version", verified->version},
         {"self_tests", verified->self_tests},
         {"least_cosine", verified->has_encoder ? nlohmann::ordered_json(verified->least_cosine)
                                                : nlohmann::ordered_json(nullptr)}});
  }
  char text[128];
  std::snprintf(text, sizeof text, ": version %s, %zu self-tests passed", verified->version.c_str(),
                verified->self_tests);
  std::string line = verified->path + text;
  if (verified->has_encoder) {
    std::snprintf(text, sizeof text, ", embeddings as at the trainer's (cosine %.7f or more)",
                  verified->least_cosine);
    line += text;
  }
  return PrintText(line + "\n");
}

}  // namespace

VerbAction DefineVerify(CLI::App& command) {
  auto options = std::make_shared<VerifyOptions>();
  AddModelOptions(command, options->engine);
  AddJsonFlag(command, options->json);
  return [options] { return VerifyAndReport(*options); };
}

}  // namespace smartsynch
