// Predictions shared by replicas through Redis, as the JSON that is sent.
#pragma once

#include <string>

#include "server/store/redis.h"
#include "smartsynch/base/hash.h"
#include "smartsynch/engine/classifier.h"

namespace smartsynch {

// The text itself does not enter a key.
inline std::string RedisKey(const std::string& version, Tier tier, const std::string& text_key) {
  return "p:" + version + ":" + TierName(tier) + ":" + Sha256Hex(text_key);
}

inline void PutInRedis(Redis& redis, const Prediction& prediction, const std::string& text_key) {
  if (text_key.empty()) return;
  redis.Put(RedisKey(prediction.model_version, prediction.tier, text_key), ToJson(prediction));
}

}  // namespace smartsynch
