#include "cli/ort_encoder.h"

#include <onnxruntime_cxx_api.h>
#include <onnxruntime_session_options_config_keys.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <thread>
#include <utility>

#include "cli/file.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/nn/pooling.h"

namespace smartsynch {

struct OrtEncoder::Session {
  // Silent: what goes wrong is an error value, which says the same.
  Ort::Env environment{ORT_LOGGING_LEVEL_FATAL, "smartsynch"};
  Ort::Session session{nullptr};
  std::string sha256;
  std::size_t dimension = 0;
  std::vector<std::string> inputs;  // in the graph's order
  std::string output;
};

namespace {

constexpr std::array<const char*, 3> kInputs = {"input_ids", "attention_mask", "token_type_ids"};

tl::unexpected<Error> BadGraph(const std::string& path, const std::string& what) {
  return Fail(ErrorCode::kIncompatible, path + ": " + what, "--encoder");
}

std::string ShapeText(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) {
    text += (text.size() > 1 ? ", " : "") + (size < 0 ? "?" : std::to_string(size));
  }
  return text + "]";
}

// Fixed sizes: one thread pool for the operators of a call, none across operators.
Ort::SessionOptions MakeOptions(const OrtEncoderOptions& options) {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  Ort::SessionOptions session_options;
  session_options.SetIntraOpNumThreads(
      static_cast<int>(options.threads == 0 ? cores : options.threads));
  session_options.SetInterOpNumThreads(1);
  session_options.SetExecutionMode(ORT_SEQUENTIAL);
  session_options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  session_options.SetDeterministicCompute(true);
  // Threads that wait by spinning gain little on an idle machine and cost half the speed on a busy
  // one.
  session_options.AddConfigEntry(kOrtSessionOptionsConfigAllowIntraOpSpinning, "0");
  return session_options;
}

}  // namespace

OrtEncoder::OrtEncoder(std::unique_ptr<Session> session) : session_(std::move(session)) {}
OrtEncoder::~OrtEncoder() = default;

std::size_t OrtEncoder::dimension() const { return session_->dimension; }
const std::string& OrtEncoder::sha256() const { return session_->sha256; }

Result<std::unique_ptr<OrtEncoder>> OrtEncoder::Load(const std::string& path,
                                                     const OrtEncoderOptions& options) {
  const Result<std::string> bytes = ReadFile(path);
  if (!bytes) return tl::unexpected(bytes.error());
  auto loaded = std::make_unique<Session>();
  loaded->sha256 = Sha256Hex(*bytes);
  try {
    // From the bytes that were hashed, so that the hash is that of the graph which runs.
    loaded->session =
        Ort::Session(loaded->environment, bytes->data(), bytes->size(), MakeOptions(options));
    const Ort::AllocatorWithDefaultOptions allocator;
    for (std::size_t i = 0; i < loaded->session.GetInputCount(); ++i) {
      const std::string name = loaded->session.GetInputNameAllocated(i, allocator).get();
      const auto type = loaded->session.GetInputTypeInfo(i);
      const auto tensor = type.GetTensorTypeAndShapeInfo();
      if (std::find(kInputs.begin(), kInputs.end(), name) == kInputs.end()) {
        return BadGraph(path, "unexpected input \"" + name + "\"");
      }
      if (tensor.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 ||
          tensor.GetShape().size() != 2) {
        return BadGraph(path, "input \"" + name + "\" is not int64 [batch, sequence]");
      }
      loaded->inputs.push_back(name);
    }
    if (loaded->inputs.size() < 2) return BadGraph(path, "has no input_ids and attention_mask");
    loaded->output = loaded->session.GetOutputNameAllocated(0, allocator).get();
    const auto type = loaded->session.GetOutputTypeInfo(0);
    const auto tensor = type.GetTensorTypeAndShapeInfo();
    const std::vector<std::int64_t> shape = tensor.GetShape();
    if (tensor.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT || shape.size() != 3 ||
        shape[2] <= 0) {
      return BadGraph(path, "output \"" + loaded->output + "\" has shape " + ShapeText(shape) +
                                ", expected float [batch, sequence, dimension]");
    }
    loaded->dimension = static_cast<std::size_t>(shape[2]);
  } catch (const Ort::Exception& error) {
    return Fail(ErrorCode::kInvalidModel,
                path + " is no graph ONNX Runtime accepts: " + error.what(), "--encoder");
  }
  return std::unique_ptr<OrtEncoder>(new OrtEncoder(std::move(loaded)));
}

Result<std::vector<float>> OrtEncoder::Embed(std::span<const Encoding> batch) {
  std::size_t longest = 0;
  for (const Encoding& encoding : batch) longest = std::max(longest, encoding.ids.size());
  if (longest == 0) return std::vector<float>(batch.size() * dimension());

  // [PAD] is 0, and so are the mask and the segment of what is padded.
  std::vector<std::int64_t> ids(batch.size() * longest, 0);
  std::vector<std::int64_t> mask(ids.size(), 0);
  std::vector<std::int64_t> segments(ids.size(), 0);
  for (std::size_t row = 0; row < batch.size(); ++row) {
    const std::vector<std::int32_t>& tokens = batch[row].ids;
    std::copy(tokens.begin(), tokens.end(), ids.data() + row * longest);
    std::fill_n(mask.data() + row * longest, tokens.size(), 1);
  }
  const std::array<std::int64_t, 2> shape = {static_cast<std::int64_t>(batch.size()),
                                             static_cast<std::int64_t>(longest)};
  try {
    const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    std::vector<Ort::Value> values;
    std::vector<const char*> names;
    for (const std::string& name : session_->inputs) {
      std::vector<std::int64_t>& content =
          name == kInputs[0] ? ids : (name == kInputs[1] ? mask : segments);
      values.push_back(Ort::Value::CreateTensor<std::int64_t>(
          memory, content.data(), content.size(), shape.data(), shape.size()));
      names.push_back(name.c_str());
    }
    const char* output_name = session_->output.c_str();
    const std::vector<Ort::Value> outputs = session_->session.Run(
        Ort::RunOptions{nullptr}, names.data(), values.data(), values.size(), &output_name, 1);
    const std::vector<std::int64_t> got = outputs[0].GetTensorTypeAndShapeInfo().GetShape();
    const std::vector<std::int64_t> expected = {shape[0], shape[1],
                                                static_cast<std::int64_t>(dimension())};
    if (got != expected) {
      return Fail(ErrorCode::kIncompatible,
                  "the encoder gave shape " + ShapeText(got) + ", expected " + ShapeText(expected));
    }
    const float* hidden = outputs[0].GetTensorData<float>();
    std::vector<float> embeddings(batch.size() * dimension());
    for (std::size_t row = 0; row < batch.size(); ++row) {
      MeanPoolNormalize(hidden + row * longest * dimension(), batch[row].ids.size(), dimension(),
                        embeddings.data() + row * dimension());
    }
    return embeddings;
  } catch (const Ort::Exception& error) {
    return Fail(ErrorCode::kUnavailable, std::string("ONNX Runtime failed: ") + error.what());
  }
}

}  // namespace smartsynch
