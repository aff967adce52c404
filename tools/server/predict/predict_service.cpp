#include "server/predict/predict_service.h"

#include <algorithm>
#include <utility>

#include "cli/embed.h"
#include "server/predict/choose_together.h"

namespace smartsynch {
namespace {

struct PendingTask {
  const PersonalClassifier* classifier;
  PersonalTask* task;
};

// Predictions of the full tier. Every model here was made for this encoder's vocabulary, so the
// encodings of tasks of different models may go through it together.
template <typename Embed>
Result<std::vector<Prediction>> ClassifyFull(std::span<const PendingTask> tasks,
                                             std::size_t dimension, const Embed& embed) {
  std::vector<Encoding> encodings;
  encodings.reserve(tasks.size());
  for (const PendingTask& pending : tasks) {
    PreparedTask& task = pending.task->prepared;
    if (task.needs_encoder) encodings.push_back(task.encoding);
  }
  const Result<std::vector<float>> embeddings =
      encodings.empty() ? std::vector<float>() : embed(encodings);
  if (!embeddings) return tl::unexpected(embeddings.error());
  std::vector<Prediction> predictions;
  predictions.reserve(tasks.size());
  std::span<const float> rest(*embeddings);
  for (const PendingTask& pending : tasks) {
    const std::size_t taken = pending.task->prepared.needs_encoder ? dimension : 0;
    Result<Prediction> prediction = pending.classifier->Classify(*pending.task, rest.first(taken));
    if (!prediction) return tl::unexpected(prediction.error());
    predictions.push_back(std::move(*prediction));
    rest = rest.subspan(taken);
  }
  return predictions;
}

tl::unexpected<Error> NoEncoder() {
  return Fail(ErrorCode::kUnavailable, "this server answers with the instant tier only", "tier");
}

}  // namespace

PredictService::PredictService(Encoder* encoder, const PredictServiceOptions& options,
                               ServerMetrics& metrics)
    : encoder_(encoder), options_(options), metrics_(metrics) {
  for (std::size_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Work(); });
}

PredictService::~PredictService() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool PredictService::Submit(SingleJob job) {
  const auto is_full = [&] { return singles_.size() >= options_.max_waiting; };
  {
    // A server under too much load does no work for what it turns away.
    const std::lock_guard lock(mutex_);
    if (is_full()) return false;
  }
  // Here rather than in a thread of the service, so that lengths are known while the task waits.
  job.prepared = job.model->personal().Prepare(job.task.title, job.task.description);
  {
    const std::lock_guard lock(mutex_);
    if (is_full()) return false;
    singles_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void PredictService::Submit(BlockJob job) {
  {
    const std::lock_guard lock(mutex_);
    blocks_.push_back(std::move(job));
  }
  wake_.notify_one();
}

std::size_t PredictService::waiting() const {
  const std::lock_guard lock(mutex_);
  return singles_.size() + blocks_.size();
}

void PredictService::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !singles_.empty() || !blocks_.empty(); });
    if (singles_.empty() && blocks_.empty()) return;
    // By turns, so that neither a long batch nor a rush of single tasks stops the other.
    const bool take_block = !blocks_.empty() && (block_next_ || singles_.empty());
    block_next_ = !take_block;
    if (take_block) {
      BlockJob job = std::move(blocks_.front());
      blocks_.pop_front();
      lock.unlock();
      job.done(PredictBlock(job));
    } else {
      std::vector<SingleJob> jobs = TakeSingles();
      lock.unlock();
      RunSingles(jobs);
      jobs.clear();
    }
    lock.lock();
  }
}

// The oldest, and those that go well with it.
std::vector<SingleJob> PredictService::TakeSingles() {
  std::vector<std::size_t> lengths;
  const std::size_t count = std::min(singles_.size(), kMostLookedAt);
  for (std::size_t i = 0; i < count; ++i) {
    const PreparedTask& task = singles_[i].prepared.prepared;
    lengths.push_back(task.needs_encoder ? task.encoding.ids.size() : 0);
  }
  // A fair share: the other threads are about to be free, too.
  const std::size_t share = (count + options_.threads - 1) / options_.threads;
  std::vector<std::size_t> chosen = ChooseTogether(lengths);
  if (chosen.size() > share) chosen.resize(share);
  std::vector<SingleJob> jobs;
  jobs.reserve(chosen.size());
  for (const std::size_t i : chosen) jobs.push_back(std::move(singles_[i]));
  std::reverse(chosen.begin(), chosen.end());  // so that the places before stay as they are
  for (const std::size_t i : chosen) {
    singles_.erase(singles_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return jobs;
}

void PredictService::RunSingles(std::vector<SingleJob>& jobs) {
  Result<std::vector<Prediction>> predictions = PredictSingles(jobs);
  metrics_.CountPredictions(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (predictions) {
      jobs[i].done(std::move((*predictions)[i]));
    } else {
      jobs[i].done(tl::unexpected(predictions.error()));
    }
  }
}

Result<std::vector<Prediction>> PredictService::PredictSingles(std::vector<SingleJob>& jobs) {
  if (encoder_ == nullptr) return NoEncoder();
  metrics_.CountBatch(jobs.size());
  std::vector<PendingTask> tasks;
  for (SingleJob& job : jobs) tasks.push_back({&job.model->personal(), &job.prepared});
  return ClassifyFull(tasks, encoder_->dimension(), [this](std::span<const Encoding> encodings) {
    return encoder_->Embed(encodings);
  });
}

Result<std::vector<Prediction>> PredictService::PredictBlock(const BlockJob& job) {
  const PersonalClassifier& classifier = job.model->personal();
  std::vector<PersonalTask> prepared;
  prepared.reserve(job.tasks.size());
  for (const Task& task : job.tasks) {
    prepared.push_back(classifier.Prepare(task.title, task.description));
  }
  metrics_.CountPredictions(job.tasks.size());
  if (job.tier == Tier::kInstant) {
    std::vector<Prediction> predictions;
    predictions.reserve(prepared.size());
    for (const PersonalTask& task : prepared) {
      predictions.push_back(classifier.ClassifyInstant(task));
    }
    return predictions;
  }
  if (encoder_ == nullptr) return NoEncoder();
  std::vector<PendingTask> tasks;
  for (PersonalTask& task : prepared) tasks.push_back({&classifier, &task});
  return ClassifyFull(tasks, encoder_->dimension(), [this](std::span<const Encoding> encodings) {
    return EmbedAll(*encoder_, encodings);
  });
}

}  // namespace smartsynch
