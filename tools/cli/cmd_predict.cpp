// predict: one task from the command line, or a stream of them in bounded memory.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "cli/common.h"
#include "cli/data_input.h"
#include "cli/file.h"

namespace smartsynch {
namespace {

constexpr std::size_t kBatchRows = 64;
constexpr std::size_t kChunkBytes = std::size_t{1} << 16U;

struct PredictOptions {
  EngineOptions engine;
  std::string title;
  std::string description;
  std::string data;  // "-" is standard input
  std::string array = "samples";
  bool json = false;
  bool strict = false;
};

std::string OneLine(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return text;
}

// For people: decision, category with its confidence (when sure) or the suggestions, title.
std::string PredictionToText(const Prediction& prediction, const Task& task) {
  std::string text = DecisionKindName(prediction.decision);
  text += "\t";
  for (std::size_t i = 0; i < prediction.suggestions.size(); ++i) {
    const Suggestion& suggestion = prediction.suggestions[i];
    if (prediction.decision == DecisionKind::kAuto && i > 0) break;
    char percent[16];
    std::snprintf(percent, sizeof percent, " %.0f %%",
                  static_cast<double>(suggestion.confidence) * 100);
    text += (i > 0 ? ", " : "") + suggestion.category + percent;
  }
  return text + "\t" + OneLine(task.title) + "\n";
}

// Where rows come from. The descriptor of standard input is not closed.
class InputStream {
 public:
  explicit InputStream(int descriptor) : descriptor_(descriptor) {}
  InputStream(const InputStream&) = delete;
  InputStream& operator=(const InputStream&) = delete;
  ~InputStream() {
    if (descriptor_ > STDIN_FILENO) close(descriptor_);
  }

  // True when a read would not wait.
  bool IsReady() const {
    pollfd query = {descriptor_, POLLIN, 0};
    return poll(&query, 1, 0) > 0;
  }

  // Empty at the end.
  Result<std::string_view> Read() {
    for (;;) {
      const ssize_t count = read(descriptor_, chunk_.data(), chunk_.size());
      if (count >= 0) return std::string_view(chunk_.data(), static_cast<std::size_t>(count));
      if (errno != EINTR) {
        return Fail(ErrorCode::kIo, std::string("cannot read the input: ") + std::strerror(errno),
                    "--data");
      }
    }
  }

 private:
  int descriptor_;
  std::string chunk_ = std::string(kChunkBytes, '\0');
};

// Predicts row after row. At most one batch and one chunk of input are in memory.
class StreamPredictor {
 public:
  StreamPredictor(const Engine& engine, const PredictOptions& options)
      : engine_(engine),
        options_(options),
        reader_(ReadingOptions(options)),
        reporter_(options.data == "-" ? "standard input" : options.data, options.strict) {}

  Status Run(InputStream& input) {
    for (;;) {
      // Someone who waits for answers before writing on must get them.
      if (!batch_.empty() && !input.IsReady()) {
        if (Status status = PredictBatch(); !status) return status;
      }
      const Result<std::string_view> chunk = input.Read();
      if (!chunk) return tl::unexpected(chunk.error());
      if (chunk->empty()) break;
      reader_.Feed(*chunk);
      if (Status status = TakeRows(); !status) return status;
      if (reader_.stopped()) break;
    }
    reader_.Finish();
    if (Status status = TakeRows(); !status) return status;
    if (Status status = PredictBatch(); !status) return status;
    if (reader_.stopped()) {
      return Fail(ErrorCode::kInvalidData, "stopped there: the rest of the input cannot be read",
                  "--data");
    }
    if (predicted_ == 0 && reporter_.malformed() > 0) {
      return Fail(ErrorCode::kInvalidData, "the input has no usable row", "--data");
    }
    return {};
  }

  std::size_t predicted() const { return predicted_; }
  std::size_t malformed() const { return reporter_.malformed(); }

 private:
  static DatasetOptions ReadingOptions(const PredictOptions& options) {
    DatasetOptions reading;
    reading.array = options.array;
    reading.require_text = false;
    reading.read_labels = false;
    return reading;
  }

  Status TakeRows() {
    while (std::optional<DatasetRow> row = reader_.Next()) {
      for (const RowError& warning : row->warnings) reporter_.Warn(warning);
      if (!row->sample) {
        // Where the row stops everything, what came before it is answered first.
        if (options_.strict) {
          if (Status status = PredictBatch(); !status) return status;
        }
        if (Status status = reporter_.Malformed(row->sample.error()); !status) return status;
        continue;
      }
      batch_.push_back({std::move(row->sample->title), std::move(row->sample->description)});
      if (batch_.size() == kBatchRows) {
        if (Status status = PredictBatch(); !status) return status;
      }
    }
    return {};
  }

  Status PredictBatch() {
    if (batch_.empty()) return {};
    const Result<std::vector<Prediction>> predictions = engine_.Predict(batch_);
    if (!predictions) return tl::unexpected(predictions.error());
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      const Prediction& prediction = (*predictions)[i];
      out_.Write(options_.json ? ToJson(prediction) + "\n"
                               : PredictionToText(prediction, batch_[i]));
    }
    predicted_ += batch_.size();
    batch_.clear();
    return out_.Flush();
  }

  const Engine& engine_;
  const PredictOptions& options_;
  DatasetReader reader_;
  RowReporter reporter_;
  std::vector<Task> batch_;
  OutputStream out_ = OutputStream(STDOUT_FILENO);
  std::size_t predicted_ = 0;
};

int PredictOne(const Engine& engine, const PredictOptions& options) {
  const std::vector<Task> tasks = {{options.title, options.description}};
  const Result<std::vector<Prediction>> predictions = engine.Predict(tasks);
  if (!predictions) return ReportFailure(predictions.error());
  return PrintText(options.json ? ToJson((*predictions)[0]) + "\n"
                                : PredictionToText((*predictions)[0], tasks[0]));
}

int PredictStream(const Engine& engine, const PredictOptions& options, int descriptor) {
  InputStream input(descriptor);
  StreamPredictor predictor(engine, options);
  const Status status = predictor.Run(input);
  // Whoever read the output has seen enough.
  if (!status && status.error().code == ErrorCode::kCancelled) return kExitSuccess;
  if (predictor.malformed() > 0) {
    std::fprintf(stderr, "smartsynch: %zu predicted, %zu malformed rows\n", predictor.predicted(),
                 predictor.malformed());
  }
  return status ? kExitSuccess : ReportFailure(status.error());
}

int Predict(PredictOptions& options, bool has_title) {
  if (has_title) {
    const Result<Engine> engine = Engine::Load(options.engine);
    return engine ? PredictOne(*engine, options) : ReportFailure(engine.error());
  }
  if (options.data.empty()) {
    if (isatty(STDIN_FILENO) == 1) {
      return ReportUsage(
          "nothing to predict: give --title, --data FILE, or rows on standard input");
    }
    options.data = "-";
  }
  int descriptor = STDIN_FILENO;
  if (options.data != "-") {
    descriptor = open(options.data.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
      return ReportFailure({ErrorCode::kNotFound,
                            "cannot open " + options.data + ": " + std::strerror(errno), "--data"});
    }
  }
  const Result<Engine> engine = Engine::Load(options.engine);
  if (!engine) return ReportFailure(engine.error());
  return PredictStream(*engine, options, descriptor);
}

}  // namespace

VerbAction DefinePredict(CLI::App& command) {
  auto options = std::make_shared<PredictOptions>();
  CLI::Option* title = command.add_option("--title", options->title, "title of a single task");
  command.add_option("--description", options->description, "its description")->needs(title);
  CLI::Option* data =
      command.add_option("--data", options->data,
                         "tasks as JSON, JSON Lines or CSV; \"-\" or nothing is standard input");
  CLI::Option* input = command.add_option("input", options->data, "the same, without --data");
  data->excludes(title)->excludes(input);
  input->excludes(title);
  AddModelOptions(command, options->engine);
  AddArrayOption(command, options->array);
  AddJsonFlag(command, options->json);
  AddStrictFlag(command, options->strict);
  command.footer(
      "With --json, one line a good row in the order of the input: {\"decision\", \"category\",\n"
      "\"categoryId\", \"confidence\", \"novelty\", \"suggestions\", \"tier\", \"modelVersion\",\n"
      "\"truncated\"}. Malformed rows are reported on standard error.");
  return [options, title] { return Predict(*options, title->count() > 0); };
}

}  // namespace smartsynch
