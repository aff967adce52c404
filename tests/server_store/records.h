// Records as the tests write them, and waiting for what another thread does.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "server/store/store.h"

inline smartsynch::FeedbackRecord Record(const std::string& key,
                                         const std::string& title = "Émile") {
  smartsynch::FeedbackRecord record;
  record.key = key;
  record.time_ms = 1700000000000;
  record.user_key = "user-1";
  record.event = "{\"title\":\"" + title + "\"}";
  return record;
}

// How often each key is in the store.
inline std::map<std::string, int> KeysIn(smartsynch::Store& store) {
  std::map<std::string, int> keys;
  const auto read = smartsynch::ExportFeedback(store, 0, [&](const auto& feedback) {
    ++keys[feedback.record.key];
    return true;
  });
  if (!read) keys.clear();
  return keys;
}

// True once `holds` is true; a generous limit, because the machine may be busy.
inline bool Eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 3000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}
