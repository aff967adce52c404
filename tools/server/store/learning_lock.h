#pragma once

namespace smartsynch {

// Held by the one process that learns from a store, until it is destroyed or its process ends.
class LearningLock {
 public:
  LearningLock() = default;
  LearningLock(const LearningLock&) = delete;
  LearningLock& operator=(const LearningLock&) = delete;
  virtual ~LearningLock() = default;
  // False once the store has lost it, as a PostgreSQL that was restarted has.
  virtual bool IsHeld() = 0;
};

}  // namespace smartsynch
