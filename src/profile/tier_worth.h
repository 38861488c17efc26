// What a tier is worth for a model: fetching an entry beats computing it again where latency + bytes /
// bandwidth is less than its cost. The store's lanes go by the same rule. Pure functions; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "profile/profile.h"

namespace fovea {

// An entry of one kind, as this model makes them.
struct EntryCost {
  std::string kind;  // to_string(RecordKind)
  double cost_ms = 0;
  double bytes = 0;
};

// A tile's embedding, the state behind a picture where there is one, and an answer.
std::vector<EntryCost> entry_costs(const ModelTimes& model);

// What fetching so many bytes takes.
double fetch_ms(const TierTime& tier, double bytes);

// The slowest rate, in bytes a millisecond, at which fetching the entry after `wait_ms` is no loss; 0 where
// the wait alone is longer than computing it.
double least_rate(const EntryCost& entry, double wait_ms);

}  // namespace fovea
