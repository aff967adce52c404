// Where feedback, model versions and experiments live. OpenSqliteStore() (sqlite_store.h) needs no
// other service; OpenPostgresStore() (postgres_store.h) is shared by replicas; SpooledStore
// (spooled_store.h) wraps one that may go away.
//
//   Result<std::unique_ptr<Store>> store = OpenSqliteStore({.path = "server.db"});
//   if (!store) return Complain(store.error());
//   auto added = (*store)->AppendFeedback({record});   // durable once this returns a value
//
// Errors: kUnavailable when the store cannot be reached (try again later), kIo when the disk
// refuses, kInvalidArgument for a value out of range, kNotFound, kAlreadyExists.
// Thread safety: every member may be called from any thread at any time. Several processes may use
// one store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/store/learning_lock.h"
#include "server/store/records.h"
#include "smartsynch/base/status.h"

namespace smartsynch {

class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // --- feedback

  // Stores all in one transaction, synced to the disk when this returns, and counts those with an
  // experiment. One result a record, in their order. A key that is known adds nothing, so a caller
  // that lost the answer sends the same records again and each is there exactly once. At most 1000
  // records a call. On failure nothing is known to be stored: send the same records again.
  virtual Result<std::vector<AppendResult>> AppendFeedback(
      std::span<const FeedbackRecord> records) = 0;

  // Up to `limit` (1 to 1000) records with a sequence above `after`, ascending. Records become
  // visible in the order of their sequences: whoever continues after the last one misses none.
  virtual Result<std::vector<StoredFeedback>> ListFeedback(std::uint64_t after,
                                                           std::size_t limit) = 0;
  virtual Result<std::uint64_t> FeedbackCount() = 0;
  // Deletes what this user key gave, text and all; the experiments' counts stay. Returns how many.
  virtual Result<std::uint64_t> ForgetUser(const std::string& user_key) = 0;

  // --- model versions

  // Keeps the bytes under their content hash; `model`'s version, sha256 and bytes are filled in
  // here. A version that is there already stays as it is and is returned. The caller has checked
  // that the bytes are a model.
  virtual Result<ModelVersion> AddModel(const ModelVersion& model, std::string_view bytes) = 0;
  virtual Result<std::vector<ModelVersion>> ListModels() = 0;  // oldest first
  // Fails with kNotFound; with kInvalidModel when the bytes no longer have their hash.
  virtual Result<std::string> ModelBytes(const std::string& version) = 0;

  // Every replica follows within a second (change_feed.h). Activating the active version returns
  // the activation that stands.
  virtual Result<Activation> ActivateModel(const std::string& version, std::int64_t time_ms,
                                           const std::string& reason) = 0;
  // Activates the version that was active before the current one was, as a new activation; again,
  // the one before that. Fails with kNotFound when there is none.
  virtual Result<Activation> RollBackModel(std::int64_t time_ms) = 0;
  virtual Result<std::optional<Activation>> ActiveModel() = 0;
  virtual Result<std::vector<Activation>> Activations() = 0;  // oldest first

  // --- categories

  // Appends change `number`, counted from 1: a FeedbackEvent about a category as one line of JSON.
  // Fails with kAlreadyExists when another change has that number.
  virtual Status AddCategoryChange(std::uint64_t number, const std::string& event) = 0;
  virtual Result<std::vector<std::string>> CategoryChanges() = 0;  // in their order

  // --- learning

  // Null while another process learns. Given back with the object, and when its process ends.
  virtual Result<std::unique_ptr<LearningLock>> LockLearning() = 0;
  // Notes the run and adds its challenger, where there is one, in one transaction; gives the run
  // with number, challenger and outcome filled in. With `activate` the challenger answers from now
  // on, unless another version than the run's champion has become active meanwhile; `reason` then
  // says so.
  virtual Result<LearningRun> AddLearningRun(const LearningRun& run, const Challenger* challenger,
                                             bool activate) = 0;
  // The latest `limit` (1 to 1000) runs, the newest first.
  virtual Result<std::vector<LearningRun>> LearningRuns(std::size_t limit) = 0;
  // The heads that a challenger came with; empty for any other version.
  virtual Result<std::string> TunedHeadsOf(const std::string& version) = 0;

  // --- experiments

  // Takes the first place among kUserSlices where no running experiment is; gives it as
  // `first_slice`. Fails with kAlreadyExists (the id, or no place that wide, field "traffic"), and
  // with kNotFound when an arm's version is unknown.
  virtual Result<Experiment> CreateExperiment(const Experiment& experiment) = 0;
  virtual Result<std::vector<Experiment>> ListExperiments() = 0;  // oldest first
  // One weight an arm, in the arms' order. Fails with kInvalidArgument when it has ended.
  virtual Result<Experiment> SetWeights(const std::string& id,
                                        std::span<const std::uint32_t> weights,
                                        std::int64_t time_ms) = 0;
  // kPromoted needs an arm's name as winner and activates its version in the same transaction.
  // Fails with kInvalidArgument when it has ended already.
  virtual Result<Experiment> EndExperiment(const std::string& id, ExperimentState state,
                                           const std::string& winner, std::int64_t time_ms) = 0;
  virtual Result<std::vector<ArmCount>> ExperimentCounts(const std::string& id) = 0;

  // --- watching

  // Grows with every activation and every change of an experiment or a category, in whichever
  // process. Cheap.
  virtual Result<std::uint64_t> Revision() = 0;
};

// Calls `visit` for every record above `after`, ascending, a page at a time, so memory stays
// bounded however many there are. `visit` returns false to stop early.
Status ExportFeedback(Store& store, std::uint64_t after,
                      const std::function<bool(const StoredFeedback&)>& visit);

}  // namespace smartsynch
