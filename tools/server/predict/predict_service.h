// Answers tasks on a fixed number of threads. Single tasks of similar length that wait at the same
// time go through the encoder together (choose_together.h): a free thread takes what is there and
// waits for nothing more, so an idle server adds no delay and a busy one has the encoder's speed in
// batches.
//
//   PredictService service(encoder, {.threads = 2}, metrics);
//   service.Submit({model, {"Fix login crash", ""}, [](Result<Prediction> answer) {…}});
//
// Thread safety: every member may be called from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cli/engine.h"
#include "server/metrics.h"
#include "server/predict/serving_model.h"

namespace smartsynch {

struct PredictServiceOptions {
  std::size_t threads = 1;
  std::size_t max_waiting = 1024;  // single tasks; beyond them Submit() refuses
};

struct SingleJob {
  std::shared_ptr<ServingModel> model;
  Task task;                                     // answered by the full tier
  std::function<void(Result<Prediction>)> done;  // called in one of the service's threads
  PersonalTask prepared = {};                    // filled in by Submit()
};

struct BlockJob {
  std::shared_ptr<ServingModel> model;
  std::vector<Task> tasks;
  Tier tier = Tier::kFull;
  std::function<void(Result<std::vector<Prediction>>)> done;
};

class PredictService {
 public:
  // `encoder` may be null when only blocks of the instant tier are submitted; must outlive the
  // service.
  PredictService(Encoder* encoder, const PredictServiceOptions& options, ServerMetrics& metrics);
  // Answers what waits first.
  ~PredictService();
  PredictService(const PredictService&) = delete;
  PredictService& operator=(const PredictService&) = delete;

  // False when too many wait; `done` is then not called.
  bool Submit(SingleJob job);
  // The caller bounds how many blocks wait.
  void Submit(BlockJob job);

  std::size_t waiting() const;

 private:
  void Work();
  std::vector<SingleJob> TakeSingles();
  void RunSingles(std::vector<SingleJob>& jobs);
  Result<std::vector<Prediction>> PredictSingles(std::vector<SingleJob>& jobs);
  Result<std::vector<Prediction>> PredictBlock(const BlockJob& job);

  Encoder* encoder_;
  PredictServiceOptions options_;
  ServerMetrics& metrics_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<SingleJob> singles_;
  std::deque<BlockJob> blocks_;
  bool block_next_ = false;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace smartsynch
