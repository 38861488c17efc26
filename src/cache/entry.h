// Entry: everything that a level knows of one stored value besides the value itself.
//
// Guarded by the budget core's lock, except where a member says otherwise. A hit reads the IndexEntry and the
// HeldValue; it reads the Entry only where IndexEntry::plain is false. BudgetCore owns it. A removed entry
// stays allocated until no access log can name it any more (BudgetCore::drain).
#pragma once

#include <atomic>
#include <boost/intrusive/set.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "cache/held_value.h"
#include "cache/item.h"
#include "fovea/key.h"

namespace fovea {

class LevelIndex;

constexpr double never_ms = std::numeric_limits<double>::infinity();

using ExpiryHook = boost::intrusive::set_base_hook<boost::intrusive::optimize_size<true>>;

struct Entry : Item, ExpiryHook {
  Key key;
  LevelIndex* index = nullptr;  // null when it is in none
  std::shared_ptr<HeldValue> held;
  double expires_ms = never_ms;  // fixed while it is indexed, so that hits may read it
  double stored_ms = 0;
  std::uint64_t content = 0;
  std::uint32_t tenant = 0;
  std::atomic<std::uint32_t> pins = 0;  // changed under the budget core's lock; hits read it
  // For an entry so hot that its readers would queue for one reference count: a reference count for each
  // stripe, all of which keep the same value alive. Changed under all stripes of the bucket.
  std::vector<std::shared_ptr<const HeldValue>> copies;

  bool expired(double now_ms) const { return expires_ms <= now_ms && pins.load(std::memory_order_relaxed) == 0; }
  static Entry& of(Item& item) { return static_cast<Entry&>(item); }
};

struct SoonerExpiry {
  bool operator()(const Entry& a, const Entry& b) const { return a.expires_ms < b.expires_ms; }
};
using ExpiryQueue = boost::intrusive::multiset<Entry, boost::intrusive::compare<SoonerExpiry>>;

}  // namespace fovea
