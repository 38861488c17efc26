// ScriptedTier: a tier that answers what a test says, after a time that it says.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "cluster/network/timeline.h"
#include "cluster/node/simulated_tier.h"

namespace fovea::test {

class ScriptedTier final : public SimulatedTier {
 public:
  explicit ScriptedTier(Timeline& timeline, TierKind kind = TierKind::shared) : timeline_(timeline), kind_(kind) {}

  TierKind kind() const override { return kind_; }
  Task<TierAnswer> find(StoredEntry entry, double limit_ms) override {
    limits_ms.push_back(limit_ms);
    co_await timeline_.wait(takes_ms);
    if (fails) co_return TierAnswer{.what = TierAnswer::What::fault};
    const auto found = held.find(entry.key);
    if (found == held.end()) co_return TierAnswer{};
    co_return TierAnswer{
        .what = TierAnswer::What::found, .cost_ms = found->second.cost_ms, .bytes = found->second.bytes};
  }
  Task<bool> insert(StoredEntry entry) override {
    co_await timeline_.wait(write_ms);
    if (fails) co_return false;
    held[entry.key] = entry;
    co_return true;
  }
  Task<Lease> acquire_lease(std::uint64_t key, double time_ms) override {
    lease_ms = time_ms;
    co_await timeline_.wait(takes_ms);
    if (fails) co_return Lease::fault;
    co_return elsewhere.contains(key) ? Lease::held : Lease::acquired;
  }
  void release_lease(std::uint64_t key) override { released.push_back(key); }

  double takes_ms = 1, write_ms = 1, lease_ms = 0;
  bool fails = false;
  std::map<std::uint64_t, StoredEntry> held;
  std::map<std::uint64_t, bool> elsewhere;  // keys that another node computes
  std::vector<double> limits_ms;
  std::vector<std::uint64_t> released;

 private:
  Timeline& timeline_;
  const TierKind kind_;
};

}  // namespace fovea::test
