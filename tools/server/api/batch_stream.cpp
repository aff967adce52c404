#include "server/api/batch_stream.h"

#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "server/api/request_json.h"

namespace smartsynch {
namespace {

// Rows that are answered together. Its answers arrive in a thread of the service, its reader waits
// in another.
class Block {
 public:
  void Finish(std::string text) {
    std::function<void(std::string)> reader;
    {
      const std::lock_guard lock(mutex_);
      if (!reader_) {
        text_ = std::move(text);
        return;
      }
      reader = std::move(reader_);
    }
    reader(std::move(text));
  }

  void Read(std::function<void(std::string)> reader) {
    std::optional<std::string> text;
    {
      const std::lock_guard lock(mutex_);
      if (!text_) {
        reader_ = std::move(reader);
        return;
      }
      text = std::move(text_);
    }
    reader(std::move(*text));
  }

 private:
  std::mutex mutex_;
  std::optional<std::string> text_;
  std::function<void(std::string)> reader_;
};

std::string ErrorRow(std::uint64_t row, const Error& error) {
  return "{\"row\":" + std::to_string(row) +
         ",\"error\":" + ProblemJson(StatusOf(error.code), error) + "}";
}

class BatchStream final : public BodyStream {
 public:
  BatchStream(const BatchStreamOptions& options, std::shared_ptr<ServingModel> model,
              PredictService& service, std::shared_ptr<StreamPlaces::Holder> place)
      : options_(options),
        model_(std::move(model)),
        service_(service),
        place_(std::move(place)),
        tier_(options.tier) {}

  std::string ContentType() const override { return "application/x-ndjson"; }

  void Feed(std::string_view bytes) override {
    const std::uint64_t before = row_;
    Split(bytes);
    if (row_ != before) place_->WaitForClient(StreamPlaces::Clock::now());
  }

  void Flush() override { Submit(); }

  void End() override {
    EndLine();
    Submit();
  }

  bool IsFull() const override { return blocks_.size() >= options_.max_blocks; }
  bool HasOutput() const override { return !blocks_.empty(); }
  void WhenRevoked(std::function<void()> revoked) override {
    place_->WhenRevoked(std::move(revoked));
  }

  void Next(std::function<void(std::string)> done) override {
    const std::shared_ptr<Block> block = std::move(blocks_.front());
    blocks_.pop_front();
    place_->Work();
    block->Read([place = place_, done = std::move(done)](std::string text) {
      place->WaitForClient(StreamPlaces::Clock::now());
      done(std::move(text));
    });
  }

 private:
  void Split(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::string_view part = bytes.substr(0, std::min(end, bytes.size()));
      if (line_.size() + part.size() > options_.max_row_bytes) {
        is_too_long_ = true;
        line_.clear();
      } else if (!is_too_long_) {
        line_ += part;
      }
      if (end == std::string_view::npos) return;
      bytes.remove_prefix(end + 1);
      EndLine();
    }
  }

  void EndLine() {
    if (is_too_long_) {
      is_too_long_ = false;
      AddError({ErrorCode::kResourceExhausted,
                "the row has more than " + std::to_string(options_.max_row_bytes) + " bytes",
                "row"});
    } else if (line_.find_first_not_of(" \t\r") != std::string::npos) {
      AddRow();
    }
    line_.clear();
  }

  void AddRow() {
    if (row_ > options_.max_rows) return;
    if (row_ == options_.max_rows) {
      return AddError(
          {ErrorCode::kResourceExhausted,
           "more than " + std::to_string(options_.max_rows) + " rows; no answer from here on",
           "row"});
    }
    const Result<nlohmann::json> json = ParseObject(line_);
    if (!json) {
      Error error = json.error();
      error.field = "row";
      return AddError(error);
    }
    Result<TaskRequest> wanted = ReadTask(*json);
    if (!wanted) return AddError(wanted.error());
    const Tier tier = wanted->tier.value_or(options_.tier);
    if (tier == Tier::kFull && !options_.has_encoder) {
      return AddError(
          {ErrorCode::kInvalidArgument, "this server answers with the instant tier only", "tier"});
    }
    if (tier != tier_) Submit();
    tier_ = tier;
    ++row_;
    bytes_ += wanted->task.title.size() + wanted->task.description.size();
    tasks_.push_back(std::move(wanted->task));
    rows_.emplace_back();
    if (rows_.size() >= options_.block_rows || bytes_ > options_.max_row_bytes * 4) Submit();
  }

  void AddError(const Error& error) {
    rows_.push_back(ErrorRow(row_, error));
    ++row_;
    if (rows_.size() >= options_.block_rows) Submit();
  }

  void Submit() {
    if (rows_.empty()) return;
    auto block = std::make_shared<Block>();
    blocks_.push_back(block);
    BlockJob job;
    job.model = model_;
    job.tasks = std::move(tasks_);
    job.tier = tier_;
    const std::uint64_t first = row_ - rows_.size();
    job.done = [block, rows = std::move(rows_), first](Result<std::vector<Prediction>> answers) {
      std::string text;
      std::size_t next = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!rows[i].empty()) {
          text += rows[i];
        } else if (answers) {
          text += ToJson((*answers)[next++]);
        } else {
          text += ErrorRow(first + i, answers.error());
        }
        text += "\n";
      }
      block->Finish(std::move(text));
    };
    tasks_.clear();
    rows_.clear();
    bytes_ = 0;
    service_.Submit(std::move(job));
  }

  BatchStreamOptions options_;
  std::shared_ptr<ServingModel> model_;
  PredictService& service_;
  std::shared_ptr<StreamPlaces::Holder> place_;
  Tier tier_;  // of the rows gathered
  std::string line_;
  bool is_too_long_ = false;
  std::uint64_t row_ = 0;  // counted from 0
  std::size_t bytes_ = 0;
  std::vector<Task> tasks_;
  std::vector<std::string> rows_;  // empty: the next of tasks_; else an error
  std::deque<std::shared_ptr<Block>> blocks_;
};

}  // namespace

std::unique_ptr<BodyStream> MakeBatchStream(const BatchStreamOptions& options,
                                            std::shared_ptr<ServingModel> model,
                                            PredictService& service,
                                            std::shared_ptr<StreamPlaces::Holder> place) {
  return std::make_unique<BatchStream>(options, std::move(model), service, std::move(place));
}

}  // namespace smartsynch
