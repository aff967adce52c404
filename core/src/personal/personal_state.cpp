#include "smartsynch/personal/personal_state.h"

#include <algorithm>
#include <map>

#include "personal/byte_stream.h"

namespace smartsynch {

PersonalState::PersonalState(const std::vector<Category>& base) {
  for (std::size_t i = 0; i < base.size(); ++i)
    parts_.categories.push_back({base[i], {}, false, {i}});
}

std::size_t PersonalState::IndexOf(std::string_view id) const {
  const auto found =
      std::find_if(parts_.categories.begin(), parts_.categories.end(),
                   [&](const PersonalCategory& entry) { return entry.category.id == id; });
  return static_cast<std::size_t>(found - parts_.categories.begin());
}

std::vector<Category> PersonalState::TakenIds() const {
  std::vector<Category> taken = parts_.retired;
  for (const PersonalCategory& entry : parts_.categories) taken.push_back(entry.category);
  return taken;
}

void PersonalState::Retire(std::size_t index) {
  parts_.retired.push_back(parts_.categories[index].category);
  parts_.categories.erase(parts_.categories.begin() + static_cast<std::ptrdiff_t>(index));
}

void PersonalState::Remember(const FeedbackEvent& event, const TaskFeatures& features,
                             std::span<const std::int8_t> full) {
  std::erase_if(parts_.rejections, [&](const Rejection& r) { return r.key == features.key; });
  std::erase_if(parts_.exemplars, [&](const Exemplar& e) { return e.key == features.key; });
  parts_.exemplars.push_back({features.key,
                              event.category_id,
                              features.instant,
                              {full.begin(), full.end()},
                              event.sequence});
  if (parts_.exemplars.size() <= kMaxExemplars) return;
  std::map<std::string, std::size_t> counts;
  for (const Exemplar& exemplar : parts_.exemplars) ++counts[exemplar.category_id];
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  parts_.exemplars.erase(
      std::find_if(parts_.exemplars.begin(), parts_.exemplars.end(),
                   [&](const Exemplar& exemplar) { return exemplar.category_id == most->first; }));
}

void PersonalState::SetFull(std::uint64_t sequence, std::span<const std::int8_t> full) {
  for (Exemplar& exemplar : parts_.exemplars) {
    if (exemplar.sequence == sequence) exemplar.full.assign(full.begin(), full.end());
  }
}

void PersonalState::Apply(const FeedbackEvent& event, const TaskFeatures& features,
                          std::span<const std::int8_t> full) {
  const std::size_t index = IndexOf(event.category_id);
  const bool exists = index < parts_.categories.size();
  switch (event.kind) {
    case EventKind::kAccepted:
    case EventKind::kChanged:
      if (exists) Remember(event, features, full);
      break;
    case EventKind::kRejected:
      if (!exists) break;
      std::erase_if(parts_.exemplars, [&](const Exemplar& e) {
        return e.key == features.key && e.category_id == event.category_id;
      });
      parts_.rejections.push_back({features.key, event.category_id});
      break;
    case EventKind::kCategoryAdded: {
      const std::vector<Category> taken = TakenIds();
      const bool is_taken = std::any_of(taken.begin(), taken.end(), [&](const Category& category) {
        return category.id == event.category_id;
      });
      if (!is_taken) parts_.categories.push_back({{event.category_id, event.name}, {}, true, {}});
      break;
    }
    case EventKind::kCategoryRenamed:
      if (exists) parts_.categories[index].category.name = event.name;
      break;
    case EventKind::kCategoryRecoloured:
      if (exists) parts_.categories[index].colour = event.colour;
      break;
    case EventKind::kCategoryMerged: {
      const std::size_t target = IndexOf(event.target_id);
      if (!exists || target == parts_.categories.size() || target == index) break;
      std::vector<std::size_t>& base = parts_.categories[target].base_indexes;
      base.insert(base.end(), parts_.categories[index].base_indexes.begin(),
                  parts_.categories[index].base_indexes.end());
      for (Exemplar& exemplar : parts_.exemplars) {
        if (exemplar.category_id == event.category_id) exemplar.category_id = event.target_id;
      }
      for (Rejection& rejection : parts_.rejections) {
        if (rejection.category_id == event.category_id) rejection.category_id = event.target_id;
      }
      Retire(index);
      break;
    }
    case EventKind::kCategoryRemoved:
      if (!exists) break;
      std::erase_if(parts_.exemplars,
                    [&](const Exemplar& e) { return e.category_id == event.category_id; });
      std::erase_if(parts_.rejections,
                    [&](const Rejection& r) { return r.category_id == event.category_id; });
      Retire(index);
      break;
    case EventKind::kUndone:
      break;
  }
}

bool PersonalState::IsUntaught(const std::vector<Category>& base) const {
  return parts_.exemplars.empty() && parts_.rejections.empty() &&
         Bytes() == PersonalState(base).Bytes();
}

std::string PersonalState::Bytes() const {
  ByteWriter out;
  out.Count(parts_.categories.size());
  for (const PersonalCategory& entry : parts_.categories) {
    out.Text(entry.category.id);
    out.Text(entry.category.name);
    out.Count(entry.is_added ? 1 : 0);
    out.Count(entry.base_indexes.size());
    for (const std::size_t i : entry.base_indexes) out.Count(i);
  }
  out.Count(parts_.retired.size());
  for (const Category& category : parts_.retired) out.Text(category.id);
  out.Count(parts_.exemplars.size());
  for (const Exemplar& exemplar : parts_.exemplars) {
    out.Count(exemplar.key);
    out.Text(exemplar.category_id);
    out.Int8s(exemplar.instant);
    out.Int8s(exemplar.full);
  }
  out.Count(parts_.rejections.size());
  for (const Rejection& rejection : parts_.rejections) {
    out.Count(rejection.key);
    out.Text(rejection.category_id);
  }
  // Last, and only what there is, so that a state without colours has the bytes it always had.
  for (const PersonalCategory& entry : parts_.categories) {
    if (entry.colour.empty()) continue;
    out.Text(entry.category.id);
    out.Text(entry.colour);
  }
  return "smartsynch-personal-state-1\n" + out.Take();
}

}  // namespace smartsynch
