// The store over any SqlDatabase. Feedback, models and experiments have a source file each.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/store/sql.h"
#include "server/store/store.h"

namespace smartsynch {

class SqlStore : public Store {
 public:
  // The schema is up to date (UpgradeSchema), or `database` sees to it.
  explicit SqlStore(std::unique_ptr<SqlDatabase> database) : database_(std::move(database)) {}

  Result<std::vector<AppendResult>> AppendFeedback(
      std::span<const FeedbackRecord> records) override;
  Result<std::vector<StoredFeedback>> ListFeedback(std::uint64_t after, std::size_t limit) override;
  Result<std::uint64_t> FeedbackCount() override;
  Result<std::uint64_t> ForgetUser(const std::string& user_key) override;

  Result<ModelVersion> AddModel(const ModelVersion& model, std::string_view bytes) override;
  Result<std::vector<ModelVersion>> ListModels() override;
  Result<std::string> ModelBytes(const std::string& version) override;
  Result<Activation> ActivateModel(const std::string& version, std::int64_t time_ms,
                                   const std::string& reason) override;
  Result<Activation> RollBackModel(std::int64_t time_ms) override;
  Result<std::optional<Activation>> ActiveModel() override;
  Result<std::vector<Activation>> Activations() override;

  Status AddCategoryChange(std::uint64_t number, const std::string& event) override;
  Result<std::vector<std::string>> CategoryChanges() override;

  Result<std::unique_ptr<LearningLock>> LockLearning() override;
  Result<LearningRun> AddLearningRun(const LearningRun& run, const Challenger* challenger,
                                     bool activate) override;
  Result<std::vector<LearningRun>> LearningRuns(std::size_t limit) override;
  Result<std::string> TunedHeadsOf(const std::string& version) override;

  Result<Experiment> CreateExperiment(const Experiment& experiment) override;
  Result<std::vector<Experiment>> ListExperiments() override;
  Result<Experiment> SetWeights(const std::string& id, std::span<const std::uint32_t> weights,
                                std::int64_t time_ms) override;
  Result<Experiment> EndExperiment(const std::string& id, ExperimentState state,
                                   const std::string& winner, std::int64_t time_ms) override;
  Result<std::vector<ArmCount>> ExperimentCounts(const std::string& id) override;

  Result<std::uint64_t> Revision() override;

 private:
  // A call of AppendFeedback that waits for its transaction.
  struct Waiting {
    std::span<const FeedbackRecord> records;
    std::vector<AppendResult> results;
    Status status;
    bool done = false;
  };
  void Commit(const std::vector<Waiting*>& group);

  std::unique_ptr<SqlDatabase> database_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting*> queue_;
  bool committing_ = false;
};

// Parts that models and experiments share, inside a transaction.
Status GrowRevision(SqlConnection& connection);
Result<ModelVersion> AddModelIn(SqlConnection& connection, const ModelVersion& model,
                                std::string_view bytes);
Result<std::optional<Activation>> ActiveIn(SqlConnection& connection);
Result<Activation> ActivateIn(SqlConnection& connection, const std::string& version,
                              std::int64_t time_ms, const std::string& reason);

}  // namespace smartsynch
