#include "server/predict/predict_service.h"

#include <algorithm>
#include <utility>

#include "cli/embed.h"

namespace smartsynch {

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
  {
    const std::lock_guard lock(mutex_);
    if (singles_.size() >= options_.max_waiting) return false;
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
  std::vector<SingleJob> jobs;
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
      // A fair share: the other threads are about to be free, too.
      const std::size_t share = (singles_.size() + options_.threads - 1) / options_.threads;
      const std::size_t count = std::min(share, options_.max_together);
      jobs.clear();
      std::move(singles_.begin(), singles_.begin() + static_cast<std::ptrdiff_t>(count),
                std::back_inserter(jobs));
      singles_.erase(singles_.begin(), singles_.begin() + static_cast<std::ptrdiff_t>(count));
      lock.unlock();
      RunSingles(jobs);
      jobs.clear();
    }
    lock.lock();
  }
}

void PredictService::RunSingles(std::vector<SingleJob>& jobs) {
  for (const Tier tier : {Tier::kInstant, Tier::kFull}) {
    std::vector<const Task*> tasks;
    std::vector<ServingModel*> models;
    std::vector<SingleJob*> chosen;
    for (SingleJob& job : jobs) {
      if (job.tier != tier) continue;
      tasks.push_back(&job.task);
      models.push_back(job.model.get());
      chosen.push_back(&job);
    }
    if (tasks.empty()) continue;
    if (tier == Tier::kFull) metrics_.CountBatch(tasks.size());
    Result<std::vector<Prediction>> answers = Predict(tasks, models, tier);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      if (answers) {
        chosen[i]->done(std::move((*answers)[i]));
      } else {
        chosen[i]->done(tl::unexpected(answers.error()));
      }
    }
  }
}

void PredictService::RunBlock(BlockJob& job) {
  std::vector<const Task*> tasks;
  for (const Task& task : job.tasks) tasks.push_back(&task);
  ServingModel* const model = job.model.get();
  job.done(Predict(tasks, std::span<ServingModel* const>(&model, 1), job.tier));
}

Result<std::vector<Prediction>> PredictService::Predict(std::span<const Task* const> tasks,
                                                        std::span<ServingModel* const> models,
                                                        Tier tier) {
  const auto classifier = [&](std::size_t i) -> const Classifier& {
    return models[models.size() == 1 ? 0 : i]->classifier();
  };
  std::vector<PreparedTask> prepared;
  prepared.reserve(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    prepared.push_back(classifier(i).Prepare(tasks[i]->title, tasks[i]->description));
  }
  metrics_.CountPredictions(tasks.size());
  std::vector<Prediction> predictions;
  predictions.reserve(tasks.size());
  if (tier == Tier::kInstant) {
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      predictions.push_back(classifier(i).ClassifyInstant(prepared[i]));
    }
    return predictions;
  }
  if (encoder_ == nullptr) {
    return Fail(ErrorCode::kUnavailable, "this server answers with the instant tier only", "tier");
  }
  // Every model here was made for this encoder's vocabulary, so the encodings fit.
  std::vector<Encoding> encodings;
  encodings.reserve(tasks.size());
  for (PreparedTask& task : prepared) encodings.push_back(std::move(task.encoding));
  const Result<std::vector<float>> embeddings = EmbedAll(*encoder_, encodings);
  if (!embeddings) return tl::unexpected(embeddings.error());
  const std::size_t dimension = encoder_->dimension();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    prepared[i].encoding = std::move(encodings[i]);
    Result<Prediction> prediction = classifier(i).Classify(
        prepared[i], std::span<const float>(*embeddings).subspan(i * dimension, dimension));
    if (!prediction) return tl::unexpected(prediction.error());
    predictions.push_back(std::move(*prediction));
  }
  return predictions;
}

}  // namespace smartsynch
