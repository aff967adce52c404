// What a user has taught, as a fold over the feedback log: categories, and one exemplar for every
// task that was put in one. The same events give the same bytes (Bytes()), on every host.
//
//   PersonalState state(model.categories);
//   for (const FeedbackEvent* event : log.Effective()) state.Apply(*event, FeaturesOf(*event));
//
// Ids are stable: no id is ever given to a second category, not even after its removal. Thread
// safety: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "smartsynch/decide/category.h"
#include "smartsynch/personal/feedback_event.h"

namespace smartsynch {

inline constexpr std::size_t kMaxPersonalCategories = 200;  // added ones; removed ones not counted
inline constexpr std::size_t kMaxExemplars = 4000;          // beyond it, see Apply()

struct PersonalCategory {
  Category category;
  std::string colour;                     // "#rrggbb" as the user chose it; empty: none chosen
  bool is_added = false;                  // by the user, not one of the base model's
  std::vector<std::size_t> base_indexes;  // base categories whose probability counts for this one
};

// What the memory keeps of one task.
struct Exemplar {
  std::uint64_t key = 0;  // hash of the normalised text: two events about one text are one exemplar
  std::string category_id;
  std::vector<std::int8_t> instant;  // direction of the instant tier
  std::vector<std::int8_t> full;     // of the full tier; empty until its encoder has run
  std::uint64_t sequence = 0;        // of the event it comes from; no part of Bytes()
};

// The exemplar without its category: computed from an event's text by whoever owns the tokenizer.
struct TaskFeatures {
  std::uint64_t key = 0;
  std::vector<std::int8_t> instant;
};

// "Not this one": holds for exactly this text until the user accepts or chooses a category for it.
struct Rejection {
  std::uint64_t key = 0;
  std::string category_id;
};

class PersonalState {
 public:
  // Everything that a state holds, for writing it down (personal/snapshot.h).
  struct Parts {
    std::vector<PersonalCategory> categories;
    std::vector<Category> retired;  // removed and merged ones, whose ids stay taken
    std::vector<Exemplar> exemplars;
    std::vector<Rejection> rejections;
  };

  explicit PersonalState(const std::vector<Category>& base);

  // `parts` as another state of the same base had them; every id that they name must be among their
  // categories.
  explicit PersonalState(Parts parts) : parts_(std::move(parts)) {}

  // An event that no longer means anything (its category is gone, because an earlier event was
  // undone) is passed over, so any subset of a good log can be replayed. The exemplar of a text
  // seen before moves to the new category. Beyond kMaxExemplars the oldest exemplar of the category
  // that has most is dropped. `full`: the event's embedding where it is of today's encoder, else
  // empty. `features` is looked at for events about a task only.
  void Apply(const FeedbackEvent& event, const TaskFeatures& features,
             std::span<const std::int8_t> full);

  // Fills in the full tier's direction of the exemplar that the event made, if it is still there.
  void SetFull(std::uint64_t sequence, std::span<const std::int8_t> full);

  const std::vector<PersonalCategory>& categories() const { return parts_.categories; }
  const std::vector<Exemplar>& exemplars() const { return parts_.exemplars; }
  const std::vector<Rejection>& rejections() const { return parts_.rejections; }
  const Parts& parts() const { return parts_; }

  // Position in categories(); categories().size() when there is none of this id.
  std::size_t IndexOf(std::string_view id) const;

  // Every id that is or was in use: what a new id must differ from.
  std::vector<Category> TakenIds() const;

  // True when all is as in a state just made of `base`: no event counts, or each was taken back.
  bool IsUntaught(const std::vector<Category>& base) const;

  // The whole state in a fixed layout, for comparing and hashing.
  std::string Bytes() const;

 private:
  void Remember(const FeedbackEvent& event, const TaskFeatures& features,
                std::span<const std::int8_t> full);
  void Retire(std::size_t index);

  Parts parts_;
};

}  // namespace smartsynch
