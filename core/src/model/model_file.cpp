#include "smartsynch/model/model_file.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "model/model_metadata.h"
#include "model/sealed_file.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/model/safetensors.h"
#include "smartsynch/text/lexical_features.h"
#include "smartsynch/text/task_text.h"

namespace smartsynch {
namespace {

constexpr std::size_t kMaxModelCategories = 1000;
constexpr std::size_t kMaxBucketBits = 20;
constexpr std::size_t kMaxWidth = 8192;
// Far above any trained weight, and low enough that no product of them overflows.
constexpr float kMaxMagnitude = 1e6F;
// The arithmetic is bit-exact, so the tolerance only covers the rounding of the stored values.
constexpr float kSelfTestTolerance = 1e-5F;

tl::unexpected<Error> BadModel(const std::string& field, const std::string& what) {
  return Fail(ErrorCode::kInvalidModel, "model file " + field + ": " + what, field);
}

std::string ShapeText(const std::vector<std::size_t>& shape) {
  return nlohmann::json(shape).dump();
}

class TensorReader {
 public:
  explicit TensorReader(const Safetensors& file) : file_(file) {}

  Result<std::vector<float>> Floats(const std::string& name,
                                    const std::vector<std::size_t>& shape) {
    const Result<const Tensor*> tensor = Find(name, shape, TensorType::kFloat32);
    if (!tensor) return tl::unexpected(tensor.error());
    std::vector<float> values = (*tensor)->Floats();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!(std::fabs(values[i]) <= kMaxMagnitude)) {
        return BadModel("tensor " + name,
                        "value " + std::to_string(i) +
                            (std::isfinite(values[i]) ? " is " + nlohmann::json(values[i]).dump() +
                                                            ", beyond 1,000,000 either way"
                                                      : " is not finite"));
      }
    }
    return values;
  }

  Result<std::vector<std::int8_t>> Int8(const std::string& name,
                                        const std::vector<std::size_t>& shape) {
    const Result<const Tensor*> tensor = Find(name, shape, TensorType::kInt8);
    if (!tensor) return tl::unexpected(tensor.error());
    return (*tensor)->Int8();
  }

 private:
  Result<const Tensor*> Find(const std::string& name, const std::vector<std::size_t>& shape,
                             TensorType type) {
    const auto found = file_.tensors.find(name);
    if (found == file_.tensors.end()) return BadModel("tensor " + name, "is missing");
    if (found->second.type != type) return BadModel("tensor " + name, "has another element type");
    if (found->second.shape != shape) {
      return BadModel("tensor " + name, "has shape " + ShapeText(found->second.shape) +
                                            ", expected " + ShapeText(shape));
    }
    return &found->second;
  }

  const Safetensors& file_;
};

Status CheckCategories(const Model& model) {
  if (model.categories.empty() || model.categories.size() > kMaxModelCategories) {
    return BadModel("categories", std::to_string(model.categories.size()) +
                                      " categories, expected 1 to " +
                                      std::to_string(kMaxModelCategories));
  }
  std::set<std::string> ids;
  for (const Category& category : model.categories) {
    if (category.id.empty() || category.name.empty()) {
      return BadModel("categories", "an id or a name is empty");
    }
    if (!ids.insert(category.id).second) {
      return BadModel("categories", "id \"" + category.id + "\" occurs twice");
    }
  }
  return {};
}

Status CheckSizes(const Model& model) {
  const std::size_t outputs = model.categories.size() + 1;
  if (model.dense.input == 0 || model.dense.input > kMaxWidth || model.dense.hidden == 0 ||
      model.dense.hidden > kMaxWidth) {
    return BadModel("dense",
                    "input or hidden width is not within 1 to " + std::to_string(kMaxWidth));
  }
  if (model.dense.outputs != outputs || model.lexical.outputs != outputs) {
    return BadModel("dense", "outputs are not the number of categories plus one");
  }
  const DenseHead& token = model.token_dense;
  const bool has_token = token.input > 0;
  if (token.input > kMaxWidth || token.hidden > kMaxWidth || (token.hidden > 0) != has_token ||
      token.outputs != (has_token ? outputs : 0)) {
    return BadModel("token_dense", "widths are neither all zero nor within 1 to " +
                                       std::to_string(kMaxWidth) +
                                       " with the other heads' outputs");
  }
  if (model.centres.dimension > 0 && model.centres.dimension != model.dense.input) {
    return BadModel("centres", "have another width than the dense head's input");
  }
  if (model.lexical.bucket_bits == 0 || model.lexical.bucket_bits > kMaxBucketBits) {
    return BadModel("lexical", "bucket bits are not within 1 to " + std::to_string(kMaxBucketBits));
  }
  return {};
}

Status RunSelfTest(const Model& model) {
  std::vector<float> dense(model.dense.outputs);
  std::vector<float> lexical(model.lexical.outputs);
  std::vector<float> token(model.token_dense.outputs);
  for (std::size_t i = 0; i < model.self_test.size(); ++i) {
    const SelfTestSample& sample = model.self_test[i];
    const auto features =
        LexicalFeatures(JoinTaskText(sample.title, sample.description), model.lexical.bucket_bits);
    model.dense.Forward(sample.embedding.data(), 1, dense.data());
    model.lexical.Forward(features, lexical.data());
    model.token_dense.Forward(sample.token_embedding.data(), 1, token.data());
    Scores scores = Calibrate({dense, lexical, token}, model.full.calibration);
    ApplyCentres(model.centres, sample.embedding, scores);
    bool same = std::fabs(scores.novelty - sample.novelty) <= kSelfTestTolerance;
    for (std::size_t c = 0; c < scores.probabilities.size(); ++c) {
      same = same &&
             std::fabs(scores.probabilities[c] - sample.probabilities[c]) <= kSelfTestTolerance;
    }
    if (!same) {
      return BadModel("self_test[" + std::to_string(i) + "]",
                      "\"" + sample.title + "\" gives another answer than the trainer recorded");
    }
  }
  return {};
}

std::size_t Product(const std::vector<std::size_t>& shape) {
  std::size_t product = 1;
  for (const std::size_t size : shape) product *= size;
  return product;
}

// Each tensor's name, shape and values: written and read by the same table.
struct TensorTable {
  std::map<std::string, std::pair<std::vector<std::size_t>, std::vector<float>*>> floats;
  std::vector<std::size_t> lexical_weights_shape;
};

TensorTable TableOf(Model& model) {
  const DenseHead& dense = model.dense;
  TensorTable table;
  table.floats = {{"dense.w1", {{dense.input, dense.hidden}, &model.dense.w1}},
                  {"dense.b1", {{dense.hidden}, &model.dense.b1}},
                  {"dense.w2", {{dense.hidden, dense.outputs}, &model.dense.w2}},
                  {"dense.b2", {{dense.outputs}, &model.dense.b2}},
                  {"lexical.scale", {{model.lexical.outputs}, &model.lexical.scale}}};
  DenseHead& token = model.token_dense;
  if (token.input > 0) {
    table.floats["token_dense.w1"] = {{token.input, token.hidden}, &token.w1};
    table.floats["token_dense.b1"] = {{token.hidden}, &token.b1};
    table.floats["token_dense.w2"] = {{token.hidden, token.outputs}, &token.w2};
    table.floats["token_dense.b2"] = {{token.outputs}, &token.b2};
  }
  table.lexical_weights_shape = {std::size_t{1} << model.lexical.bucket_bits,
                                 model.lexical.outputs};
  return table;
}

Result<std::string> Serialize(const Model& model) {
  for (const Status& status : {CheckCategories(model), CheckSizes(model), CheckTexts(model)}) {
    if (!status) return tl::unexpected(status.error());
  }
  Model copy = model;
  const TensorTable table = TableOf(copy);
  Safetensors file;
  for (const auto& [name, entry] : table.floats) {
    if (entry.second->size() != Product(entry.first)) {
      return BadModel("tensor " + name, "has " + std::to_string(entry.second->size()) +
                                            " values for shape " + ShapeText(entry.first));
    }
    file.tensors[name] = Tensor::FromFloats(entry.first, *entry.second);
  }
  if (model.lexical.weights.size() != Product(table.lexical_weights_shape)) {
    return BadModel("tensor lexical.weights",
                    "does not fit its shape " + ShapeText(table.lexical_weights_shape));
  }
  file.tensors["lexical.weights"] =
      Tensor::FromInt8(table.lexical_weights_shape, model.lexical.weights);
  if (model.centres.dimension > 0) {
    const std::vector<std::size_t> shape = {model.centres.rows(), model.centres.dimension};
    if (model.centres.directions.size() != Product(shape)) {
      return BadModel("tensor centres.directions", "does not fit its shape " + ShapeText(shape));
    }
    file.tensors["centres.directions"] = Tensor::FromInt8(shape, model.centres.directions);
  }
  std::vector<float> embeddings;
  std::vector<float> token_embeddings;
  std::vector<float> answers;  // the probabilities, then the novelty, of each sample
  for (const SelfTestSample& sample : model.self_test) {
    if (sample.embedding.size() != model.dense.input ||
        sample.token_embedding.size() != model.token_dense.input ||
        sample.probabilities.size() != model.categories.size()) {
      return BadModel("self_test", "a sample has another width than the heads");
    }
    embeddings.insert(embeddings.end(), sample.embedding.begin(), sample.embedding.end());
    token_embeddings.insert(token_embeddings.end(), sample.token_embedding.begin(),
                            sample.token_embedding.end());
    answers.insert(answers.end(), sample.probabilities.begin(), sample.probabilities.end());
    answers.push_back(sample.novelty);
  }
  const std::size_t samples = model.self_test.size();
  file.tensors["self_test.embeddings"] =
      Tensor::FromFloats({samples, model.dense.input}, embeddings);
  if (model.token_dense.input > 0) {
    file.tensors["self_test.token_embeddings"] =
        Tensor::FromFloats({samples, model.token_dense.input}, token_embeddings);
  }
  file.tensors["self_test.answers"] =
      Tensor::FromFloats({samples, model.categories.size() + 1}, answers);
  file.metadata = WriteMetadata(model);
  std::string bytes = SerializeSealed(std::move(file));
  const Result<Model> check = ParseModel(bytes);
  if (!check) return tl::unexpected(check.error());
  return bytes;
}

}  // namespace

Result<std::string> SerializeModel(const Model& model) {
  return Serialize(model).map_error([](Error error) {
    error.code = ErrorCode::kInvalidArgument;  // the caller's model is to blame, not a file
    return error;
  });
}

Result<Model> ParseModel(std::string_view bytes, std::string_view expected_sha256) {
  const Result<Safetensors> file = Safetensors::Parse(bytes);
  if (!file) return tl::unexpected(file.error());
  Model model;
  Status status = ReadMetadata(file->metadata, model);
  if (status) status = CheckCategories(model);
  if (status) status = CheckSizes(model);
  if (!status) return tl::unexpected(status.error());

  TensorReader reader(*file);
  const TensorTable table = TableOf(model);
  for (const auto& [name, entry] : table.floats) {
    auto values = reader.Floats(name, entry.first);
    if (!values) return tl::unexpected(values.error());
    *entry.second = std::move(*values);
  }
  auto weights = reader.Int8("lexical.weights", table.lexical_weights_shape);
  if (!weights) return tl::unexpected(weights.error());
  model.lexical.weights = std::move(*weights);
  if (model.centres.dimension > 0) {
    const auto found = file->tensors.find("centres.directions");
    const std::size_t rows = found == file->tensors.end() || found->second.shape.empty()
                                 ? 1
                                 : found->second.shape.front();
    auto directions = reader.Int8("centres.directions", {rows, model.centres.dimension});
    if (!directions) return tl::unexpected(directions.error());
    model.centres.directions = std::move(*directions);
  }

  const std::size_t samples = model.self_test.size();
  const std::size_t categories = model.categories.size();
  const auto embeddings = reader.Floats("self_test.embeddings", {samples, model.dense.input});
  if (!embeddings) return tl::unexpected(embeddings.error());
  const std::size_t token_input = model.token_dense.input;
  const auto token_embeddings =
      token_input == 0 ? Result<std::vector<float>>(std::vector<float>())
                       : reader.Floats("self_test.token_embeddings", {samples, token_input});
  if (!token_embeddings) return tl::unexpected(token_embeddings.error());
  const auto answers = reader.Floats("self_test.answers", {samples, categories + 1});
  if (!answers) return tl::unexpected(answers.error());
  for (std::size_t i = 0; i < samples; ++i) {
    SelfTestSample& sample = model.self_test[i];
    const auto row_of = [i](const std::vector<float>& values, std::size_t width) {
      const float* row = values.data() + i * width;
      return std::vector<float>(row, row + width);
    };
    sample.embedding = row_of(*embeddings, model.dense.input);
    sample.token_embedding = row_of(*token_embeddings, token_input);
    sample.probabilities = row_of(*answers, categories + 1);
    sample.novelty = sample.probabilities.back();
    sample.probabilities.pop_back();
  }
  // After the checks above, which can say what is wrong where, and before anything is computed.
  const std::string sha256 = Sha256Hex(bytes);
  if (sha256 != expected_sha256) status = CheckSeal(bytes, *file);
  if (status) status = RunSelfTest(model);
  if (!status) return tl::unexpected(status.error());
  model.version = sha256.substr(0, 16);
  return model;
}

}  // namespace smartsynch
