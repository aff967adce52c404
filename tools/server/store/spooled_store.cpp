#include "server/store/spooled_store.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "server/store/check_records.h"
#include "server/store/spool.h"

namespace smartsynch {
namespace {

// Whether the store itself is missing, rather than the call at fault.
bool IsAway(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kIo;
}

class SpooledStoreImpl : public SpooledStore {
 public:
  SpooledStoreImpl(std::unique_ptr<Store> store, std::unique_ptr<Spool> spool,
                   const SpoolOptions& options)
      : store_(std::move(store)), spool_(std::move(spool)), options_(options) {
    thread_ = std::thread([this] { Deliver(); });
  }

  ~SpooledStoreImpl() override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  Result<std::vector<AppendResult>> AppendFeedback(
      std::span<const FeedbackRecord> records) override {
    const Status fine = CheckFeedback(records);
    if (!fine) return tl::unexpected(fine.error());
    auto stored = Watch(store_->AppendFeedback(records));
    if (stored || !IsAway(stored.error())) return stored;
    const Status spooled = spool_->Append(records);
    if (!spooled) return tl::unexpected(spooled.error());
    spooled_ += records.size();
    return std::vector<AppendResult>(records.size(), {AppendResult::Outcome::kSpooled, 0});
  }

  Result<std::vector<StoredFeedback>> ListFeedback(std::uint64_t after,
                                                   std::size_t limit) override {
    return Watch(store_->ListFeedback(after, limit));
  }
  Result<std::uint64_t> FeedbackCount() override { return Watch(store_->FeedbackCount()); }
  Result<std::uint64_t> ForgetUser(const std::string& user_key) override {
    return Watch(store_->ForgetUser(user_key));
  }
  Result<ModelVersion> AddModel(const ModelVersion& model, std::string_view bytes) override {
    return Watch(store_->AddModel(model, bytes));
  }
  Result<std::vector<ModelVersion>> ListModels() override { return Watch(store_->ListModels()); }
  Result<std::string> ModelBytes(const std::string& version) override {
    return Watch(store_->ModelBytes(version));
  }
  Result<Activation> ActivateModel(const std::string& version, std::int64_t time_ms,
                                   const std::string& reason) override {
    return Watch(store_->ActivateModel(version, time_ms, reason));
  }
  Result<Activation> RollBackModel(std::int64_t time_ms) override {
    return Watch(store_->RollBackModel(time_ms));
  }
  Result<std::optional<Activation>> ActiveModel() override {
    return Remember(Watch(store_->ActiveModel()), active_);
  }
  Result<std::vector<Activation>> Activations() override { return Watch(store_->Activations()); }
  Status AddCategoryChange(std::uint64_t number, const std::string& event) override {
    return Watch(store_->AddCategoryChange(number, event));
  }
  Result<std::vector<std::string>> CategoryChanges() override {
    return Remember(Watch(store_->CategoryChanges()), categories_);
  }
  Result<std::unique_ptr<LearningLock>> LockLearning() override {
    return Watch(store_->LockLearning());
  }
  Result<LearningRun> AddLearningRun(const LearningRun& run, const Challenger* challenger,
                                     bool activate) override {
    return Watch(store_->AddLearningRun(run, challenger, activate));
  }
  Result<std::vector<LearningRun>> LearningRuns(std::size_t limit) override {
    return Watch(store_->LearningRuns(limit));
  }
  Result<std::string> TunedHeadsOf(const std::string& version) override {
    return Watch(store_->TunedHeadsOf(version));
  }
  Result<Experiment> CreateExperiment(const Experiment& experiment) override {
    return Watch(store_->CreateExperiment(experiment));
  }
  Result<std::vector<Experiment>> ListExperiments() override {
    return Remember(Watch(store_->ListExperiments()), experiments_);
  }
  Result<Experiment> SetWeights(const std::string& id, std::span<const std::uint32_t> weights,
                                std::int64_t time_ms) override {
    return Watch(store_->SetWeights(id, weights, time_ms));
  }
  Result<Experiment> EndExperiment(const std::string& id, ExperimentState state,
                                   const std::string& winner, std::int64_t time_ms) override {
    return Watch(store_->EndExperiment(id, state, winner, time_ms));
  }
  Result<std::vector<ArmCount>> ExperimentCounts(const std::string& id) override {
    return Watch(store_->ExperimentCounts(id));
  }
  Result<std::uint64_t> Revision() override { return Watch(store_->Revision()); }

  SpoolMetrics Metrics() const override {
    return {spooled_, delivered_, conflicts_, store_failures_, spool_->waiting(), available_};
  }

 private:
  void Log(const std::string& line) const {
    if (options_.log) options_.log(line);
  }

  // Notes whether the store answered, and says so when that changed.
  template <typename T>
  Result<T> Watch(Result<T> result) {
    const bool answered = result || !IsAway(result.error());
    if (!answered) ++store_failures_;
    if (available_.exchange(answered) != answered) {
      Log(answered ? "store: back" : "store: away, feedback is spooled: " + result.error().message);
      if (answered) wake_.notify_all();
    }
    return result;
  }

  template <typename T>
  Result<T> Remember(Result<T> result, std::optional<T>& last) {
    const std::lock_guard<std::mutex> lock(memory_);
    if (result) last = *result;
    if (!result && IsAway(result.error()) && last) return *last;
    return result;
  }

  void Deliver() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      while (spool_->waiting() != 0 && !IsStopping() && DeliverOldest()) {
      }
      lock.lock();
      wake_.wait_for(lock, std::chrono::milliseconds(options_.retry_ms), [&] { return stopping_; });
    }
  }

  bool IsStopping() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return stopping_;
  }

  // False when the rest has to wait.
  bool DeliverOldest() {
    const Result<Spool::Segment> segment = spool_->ReadOldest();
    if (!segment) {
      Log("spool: " + segment.error().message);
      return false;
    }
    const std::span<const FeedbackRecord> records(segment->records);
    for (std::size_t at = 0; at < records.size(); at += kMaxAppend) {
      const auto part = records.subspan(at, std::min(kMaxAppend, records.size() - at));
      const auto stored = Watch(store_->AppendFeedback(part));
      if (!stored) {
        if (!IsAway(stored.error())) Log("spool: " + stored.error().message);
        return false;
      }
      Count(part, *stored);
    }
    if (segment->damaged_lines != 0) {
      Log("spool: segment " + std::to_string(segment->number) + " has " +
          std::to_string(segment->damaged_lines) + " damaged lines, kept as .damaged");
    }
    const Status removed = spool_->Remove(*segment);
    if (!removed) Log("spool: " + removed.error().message);
    return removed.has_value();
  }

  void Count(std::span<const FeedbackRecord> records, const std::vector<AppendResult>& results) {
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i].outcome == AppendResult::Outcome::kConflict) {
        ++conflicts_;
        Log("spool: the key of a record was used before for another event: " + records[i].key);
      } else {
        ++delivered_;
      }
    }
  }

  std::unique_ptr<Store> store_;
  std::unique_ptr<Spool> spool_;
  SpoolOptions options_;
  std::atomic<std::uint64_t> spooled_ = 0;
  std::atomic<std::uint64_t> delivered_ = 0;
  std::atomic<std::uint64_t> conflicts_ = 0;
  std::atomic<std::uint64_t> store_failures_ = 0;
  std::atomic<bool> available_ = true;
  std::mutex memory_;
  std::optional<std::optional<Activation>> active_;
  std::optional<std::vector<Experiment>> experiments_;
  std::optional<std::vector<std::string>> categories_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<SpooledStore>> OpenSpooledStore(std::unique_ptr<Store> store,
                                                       const SpoolOptions& options) {
  Result<std::unique_ptr<Spool>> spool = Spool::Open(options.folder, options.max_bytes);
  if (!spool) return tl::unexpected(spool.error());
  return std::unique_ptr<SpooledStore>(
      std::make_unique<SpooledStoreImpl>(std::move(store), *std::move(spool), options));
}

}  // namespace smartsynch
