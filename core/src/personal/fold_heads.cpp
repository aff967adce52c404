#include "smartsynch/personal/fold_heads.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "smartsynch/learn/train_model.h"

namespace smartsynch {
namespace {

// Weights below this cannot carry an addition: its size would pass what a model file takes.
constexpr float kFewestWeight = 1e-3F;

bool Carries(float weight) { return std::fabs(weight) >= kFewestWeight; }

// Where each output comes from: the base's column, or none.
struct Columns {
  std::vector<int> base;  // [outputs], the open-set column last; -1: zero
  std::size_t size() const { return base.size(); }
};

Columns ColumnsOf(const TunedHeads& heads, std::size_t base_categories) {
  Columns columns;
  for (const TunedCategory& category : heads.categories) {
    columns.base.push_back(
        category.base_indexes.empty() ? -1 : static_cast<int>(category.base_indexes.front()));
  }
  columns.base.push_back(static_cast<int>(base_categories));
  return columns;
}

// [rows, columns] with columns chosen, zero where there is none.
template <typename T>
std::vector<T> Choose(const std::vector<T>& values, std::size_t outputs, const Columns& columns) {
  std::vector<T> chosen;
  for (std::size_t start = 0; start < values.size(); start += outputs) {
    for (const int column : columns.base) {
      chosen.push_back(column < 0 ? T{} : values[start + static_cast<std::size_t>(column)]);
    }
  }
  return chosen;
}

// Adds `addition` to a head whose category outputs count `weight`.
DenseHead Fold(const DenseHead& head, const TunedTier& addition, const Columns& columns,
               float weight) {
  const std::size_t outputs = columns.size();
  const std::size_t added = addition.input == 0 ? 0 : outputs - 1;
  DenseHead folded;
  folded.input = head.input;
  folded.hidden = head.hidden + added;
  folded.outputs = outputs;
  folded.b1 = head.b1;
  folded.b2 = Choose(head.b2, head.outputs, columns);
  folded.w2 = Choose(head.w2, head.outputs, columns);
  folded.w2.resize(folded.hidden * outputs, 0.0F);
  for (std::size_t i = 0; i < head.input; ++i) {
    const auto row = head.w1.begin() + static_cast<std::ptrdiff_t>(i * head.hidden);
    folded.w1.insert(folded.w1.end(), row, row + static_cast<std::ptrdiff_t>(head.hidden));
    const auto extra = addition.weights.begin() + static_cast<std::ptrdiff_t>(i * added);
    folded.w1.insert(folded.w1.end(), extra, extra + static_cast<std::ptrdiff_t>(added));
  }
  for (std::size_t o = 0; o < added; ++o) {
    float squares = 0.0F;
    for (std::size_t i = 0; i < head.input; ++i) {
      const float w = addition.weights[i * added + o];
      squares += w * w;
    }
    // No text of length one takes the unit below zero.
    const float lift = 1.0F + 1.01F * std::sqrt(squares);
    folded.b1.push_back(lift);
    folded.w2[(head.hidden + o) * outputs + o] = 1.0F / weight;
    folded.b2[o] += (addition.bias[o] - lift) / weight;
  }
  return folded;
}

void Scale(const Calibration& settings, Calibration& calibration) {
  const float factor = settings.dense_weight;
  calibration.dense_weight *= factor;
  calibration.lexical_weight *= factor;
  calibration.token_weight *= factor;
  calibration.has_open_set = settings.has_open_set;
  const float open = settings.open_dense_weight;
  calibration.open_dense_weight *= open;
  calibration.open_lexical_weight *= open;
  calibration.open_token_weight *= open;
  calibration.open_bias = open * calibration.open_bias + settings.open_bias;
}

Status Check(const Model& base, const TunedHeads& heads, const std::vector<Category>& categories) {
  const auto bad = [](std::string message, const char* field) {
    return Fail(ErrorCode::kInvalidArgument, std::move(message), field);
  };
  if (heads.base_version != base.version) {
    return Fail(ErrorCode::kIncompatible,
                "the heads were fine-tuned on the model " + heads.base_version +
                    ", the model given is " + base.version,
                "heads");
  }
  const auto fits = [](const TunedCategory& tuned, const Category& category) {
    return tuned.id == category.id;
  };
  if (!std::equal(heads.categories.begin(), heads.categories.end(), categories.begin(),
                  categories.end(), fits)) {
    return bad("the categories are not those of the heads", "categories");
  }
  for (const TunedCategory& category : heads.categories) {
    if (category.base_indexes.size() > 1) {
      return bad("\"" + category.id +
                     "\" joins several categories of the base model, which no model file holds",
                 "categories");
    }
  }
  if (heads.full.input > 0 && !Carries(base.full.calibration.dense_weight)) {
    return bad("the base model's full tier does not count its dense head", "heads");
  }
  if (heads.instant.input > 0 && !Carries(base.instant.calibration.token_weight)) {
    return bad("the base model's instant tier does not count its token head", "heads");
  }
  return {};
}

}  // namespace

Result<Model> FoldHeads(const Model& base, const TunedHeads& heads,
                        const std::vector<Category>& categories) {
  if (Status status = Check(base, heads, categories); !status) {
    return tl::unexpected(status.error());
  }
  const Columns columns = ColumnsOf(heads, base.categories.size());
  Model model = base;
  model.version.clear();
  model.categories = categories;
  model.dense = Fold(base.dense, heads.full, columns, base.full.calibration.dense_weight);
  if (base.token_dense.input > 0) {
    model.token_dense =
        Fold(base.token_dense, heads.instant, columns, base.instant.calibration.token_weight);
  }
  model.lexical.outputs = columns.size();
  model.lexical.weights = Choose(base.lexical.weights, base.lexical.outputs, columns);
  model.lexical.scale = Choose(base.lexical.scale, base.lexical.outputs, columns);
  if (heads.full.input > 0) {
    Scale(heads.full.calibration, model.full.calibration);
    model.full.thresholds = heads.full.thresholds;
  }
  if (heads.instant.input > 0) {
    Scale(heads.instant.calibration, model.instant.calibration);
    model.instant.thresholds = heads.instant.thresholds;
  }
  for (SelfTestSample& sample : model.self_test) {
    sample = MakeSelfTestSample(model, sample.title, sample.description, sample.embedding,
                                sample.token_embedding);
  }
  return model;
}

}  // namespace smartsynch
