#include "pipeline/request_report.h"

#include <algorithm>

namespace fovea {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::hit:
      return "hit";
    case Outcome::miss:
      return "miss";
    case Outcome::bypass:
      return "bypass";
  }
  return "unknown";
}

std::array<std::pair<const char*, double>, 12> named(const StageTimes& times) {
  return {{{"decode", times.decode_ms},
           {"lookup", times.lookup_ms},
           {"wait", times.wait_ms},
           {"restore", times.restore_ms},
           {"preprocess", times.preprocess_ms},
           {"hash", times.hash_ms},
           {"encode", times.encode_ms},
           {"prefill", times.prefill_ms},
           {"generate", times.generate_ms},
           {"score", times.score_ms},
           {"store", times.store_ms},
           {"total", times.total_ms}}};
}

TierKind farthest_tier(const RequestReport& report, CacheLevel level) {
  TierKind farthest = TierKind::memory;
  for (const LookupReport& lookup : report.lookups) {
    if (lookup.level == level && lookup.outcome == Outcome::hit) farthest = std::max(farthest, lookup.found_in);
  }
  return farthest;
}

}  // namespace fovea
