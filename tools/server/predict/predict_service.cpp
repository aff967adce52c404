#include "server/predict/predict_service.h"

#include <algorithm>
#include <utility>

#include "cli/embed.h"
#include "server/predict/choose_together.h"

namespace smartsynch {
namespace {

tl::unexpected<Error> NoEncoder() {
  return Fail(ErrorCode::kUnavailable, "this server answers with the instant tier only", "tier");
}

}  // namespace

PredictService::PredictService(Encoder* encoder, const PredictServiceOptions& options,
                               Metrics& metrics)
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
      RunBlock(job);
    } else {
      std::vector<SingleJob> jobs = TakeSingles();
      lock.unlock();
      RunSingles(jobs);
      jobs.clear();
    }
    lock.lock();
  }
}

// The oldest, and those of its tier that go well with it.
std::vector<SingleJob> PredictService::TakeSingles() {
  const Tier tier = singles_.front().tier;
  std::vector<std::size_t> places;
  std::vector<std::size_t> lengths;
  for (std::size_t i = 0; i < singles_.size() && places.size() < kMostLookedAt; ++i) {
    if (singles_[i].tier != tier) continue;
    places.push_back(i);
    const PreparedTask& task = singles_[i].prepared.prepared;
    lengths.push_back(task.needs_encoder ? task.encoding.ids.size() : 0);
  }
  // A fair share: the other threads are about to be free, too.
  const std::size_t share = (places.size() + options_.threads - 1) / options_.threads;
  std::vector<std::size_t> chosen = ChooseTogether(lengths);
  if (chosen.size() > share) chosen.resize(share);
  std::vector<SingleJob> jobs;
  jobs.reserve(chosen.size());
  for (const std::size_t i : chosen) jobs.push_back(std::move(singles_[places[i]]));
  std::reverse(chosen.begin(), chosen.end());  // so that the places before stay as they are
  for (const std::size_t i : chosen) {
    singles_.erase(singles_.begin() + static_cast<std::ptrdiff_t>(places[i]));
  }
  return jobs;
}

void PredictService::RunSingles(std::vector<SingleJob>& jobs) {
  std::vector<Prediction> predictions;
  const Status done = ClassifyTogether(jobs, predictions);
  metrics_.CountPredictions(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (done) {
      jobs[i].done(std::move(predictions[i]));
    } else {
      jobs[i].done(tl::unexpected(done.error()));
    }
  }
}

Status PredictService::ClassifyTogether(std::vector<SingleJob>& jobs,
                                        std::vector<Prediction>& predictions) {
  if (jobs.front().tier == Tier::kInstant) {
    for (const SingleJob& job : jobs) {
      predictions.push_back(job.model->personal().ClassifyInstant(job.prepared));
    }
    return {};
  }
  if (encoder_ == nullptr) return NoEncoder();
  metrics_.CountBatch(jobs.size());
  // Every model here was made for this encoder's vocabulary, so the encodings fit.
  std::vector<Encoding> encodings;
  for (SingleJob& job : jobs) {
    PreparedTask& task = job.prepared.prepared;
    if (task.needs_encoder) encodings.push_back(std::move(task.encoding));
  }
  std::vector<float> embeddings;
  if (!encodings.empty()) {
    Result<std::vector<float>> embedded = encoder_->Embed(encodings);
    if (!embedded) return tl::unexpected(embedded.error());
    embeddings = std::move(*embedded);
  }
  const std::size_t dimension = encoder_->dimension();
  std::size_t row = 0;
  for (SingleJob& job : jobs) {
    std::span<const float> embedding;
    if (job.prepared.prepared.needs_encoder) {
      job.prepared.prepared.encoding = std::move(encodings[row]);
      embedding = std::span<const float>(embeddings).subspan(row * dimension, dimension);
      ++row;
    }
    Result<Prediction> prediction = job.model->personal().Classify(job.prepared, embedding);
    if (!prediction) return tl::unexpected(prediction.error());
    predictions.push_back(std::move(*prediction));
  }
  return {};
}

void PredictService::RunBlock(BlockJob& job) {
  Result<std::vector<Prediction>> predictions = PredictBlock(job);
  job.done(std::move(predictions));
}

Result<std::vector<Prediction>> PredictService::PredictBlock(const BlockJob& job) {
  const PersonalClassifier& classifier = job.model->personal();
  std::vector<PersonalTask> prepared;
  prepared.reserve(job.tasks.size());
  for (const Task& task : job.tasks) {
    prepared.push_back(classifier.Prepare(task.title, task.description));
  }
  metrics_.CountPredictions(job.tasks.size());
  std::vector<Prediction> predictions;
  predictions.reserve(job.tasks.size());
  if (job.tier == Tier::kInstant) {
    for (const PersonalTask& task : prepared) {
      predictions.push_back(classifier.ClassifyInstant(task));
    }
    return predictions;
  }
  if (encoder_ == nullptr) return NoEncoder();
  std::vector<Encoding> encodings;
  encodings.reserve(prepared.size());
  for (PersonalTask& task : prepared) encodings.push_back(std::move(task.prepared.encoding));
  const Result<std::vector<float>> embeddings = EmbedAll(*encoder_, encodings);
  if (!embeddings) return tl::unexpected(embeddings.error());
  const std::size_t dimension = encoder_->dimension();
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    prepared[i].prepared.encoding = std::move(encodings[i]);
    Result<Prediction> prediction = classifier.Classify(
        prepared[i], std::span<const float>(*embeddings).subspan(i * dimension, dimension));
    if (!prediction) return tl::unexpected(prediction.error());
    predictions.push_back(std::move(*prediction));
  }
  return predictions;
}

}  // namespace smartsynch
