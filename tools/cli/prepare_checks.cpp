// What prepare finds beyond one data set's own words: overlap with evaluation data, and what the
// sentence encoder knows.
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "cli/cancel.h"
#include "cli/embed.h"
#include "cli/prepared_data.h"
#include "cli/progress.h"
#include "smartsynch/text/task_text.h"

namespace smartsynch {

EvaluationOverlap FindEvaluationOverlap(const std::vector<Sample>& prepared,
                                        SourcedSamples evaluation) {
  std::vector<Sample> all = prepared;
  all.insert(all.end(), evaluation.samples.begin(), evaluation.samples.end());
  const DuplicateReport report = FindDuplicates(all);
  EvaluationOverlap overlap;
  overlap.data = std::move(evaluation);
  const std::size_t border = prepared.size();
  for (const ExactDuplicate& pair : report.exact) {
    if (pair.first < border && pair.later >= border) {
      overlap.exact.emplace_back(pair.first, pair.later - border);
    }
  }
  for (const SimilarPair& pair : report.similar) {
    if (pair.first < border && pair.second >= border) {
      overlap.similar.emplace_back(pair.first, pair.second - border);
      overlap.similarity.push_back(pair.similarity);
    }
  }
  return overlap;
}

namespace {

// Labels by the categories' first samples; the open set has kOpenSetLabel.
void AddLabels(const PreparedData& prepared, TrainingData& data,
               std::vector<std::string>& categories) {
  std::map<std::string, int> label_of;
  for (std::size_t i = 0; i < prepared.data.samples.size(); ++i) {
    const Sample& sample = prepared.data.samples[i];
    int label = kOpenSetLabel;
    if (i < prepared.categorised) {
      const auto [found, is_new] =
          label_of.try_emplace(sample.category, static_cast<int>(categories.size()));
      if (is_new) categories.push_back(sample.category);
      label = found->second;
    }
    data.labels.push_back(label);
    data.weights.push_back(sample.weight);
  }
  data.categories = categories.size();
}

// Takes out what is listed already: pairs of one text, and pairs of similar words.
void DropKnownPairs(const PreparedData& prepared, std::vector<NearDuplicate>& near) {
  std::map<std::size_t, std::size_t> text_of;
  for (const ExactDuplicate& pair : prepared.duplicates.exact) text_of[pair.later] = pair.first;
  const auto text = [&](std::size_t row) {
    const auto found = text_of.find(row);
    return found == text_of.end() ? row : found->second;
  };
  std::set<std::pair<std::size_t, std::size_t>> similar;
  for (const SimilarPair& pair : prepared.duplicates.similar) {
    similar.emplace(pair.first, pair.second);
  }
  std::erase_if(near, [&](const NearDuplicate& pair) {
    const std::size_t first = text(pair.first);
    const std::size_t second = text(pair.second);
    return first == second || similar.contains(std::minmax(first, second));
  });
}

}  // namespace

Result<EmbeddingFindings> CheckEmbeddings(const PreparedData& prepared,
                                          const EmbeddingChecks& checks) {
  const Result<WordPiece> tokenizer = LoadVocabulary(checks.engine.vocabulary);
  if (!tokenizer) return tl::unexpected(tokenizer.error());
  const Result<std::unique_ptr<OrtEncoder>> encoder = LoadEncoder(checks.engine);
  if (!encoder) return tl::unexpected(encoder.error());
  const auto cancellable = [](ProgressBar& bar) {
    return [&bar](std::size_t done, std::size_t total) {
      bar.Update(done, total);
      return !IsCancelled();
    };
  };
  EmbeddingFindings findings;
  findings.threshold = checks.threshold;
  findings.folds = checks.validation.folds;
  TrainingData data;
  AddLabels(prepared, data, findings.categories);
  std::vector<Encoding> encodings;
  for (const Sample& sample : prepared.data.samples) {
    encodings.push_back(tokenizer->Encode(JoinTaskText(sample.title, sample.description)));
  }
  {
    ProgressBar bar("embedding");
    Result<std::vector<float>> embeddings = EmbedAll(**encoder, encodings, cancellable(bar));
    if (!embeddings) return tl::unexpected(embeddings.error());
    data.embeddings = std::move(*embeddings);
    data.dimension = (*encoder)->dimension();
  }
  Result<std::vector<NearDuplicate>> near =
      FindNearDuplicates(data.embeddings, data.dimension, data.labels, checks.threshold);
  if (!near) return tl::unexpected(near.error());
  DropKnownPairs(prepared, *near);
  findings.near = std::move(*near);
  ProgressBar bar("cross-validating");
  Result<std::vector<Disagreement>> disagreements =
      FindDisagreements(data, checks.validation, cancellable(bar));
  if (!disagreements) return tl::unexpected(disagreements.error());
  findings.disagreements = std::move(*disagreements);
  return findings;
}

}  // namespace smartsynch
