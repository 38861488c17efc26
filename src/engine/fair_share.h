// FairShare: whose turn it is when a machine can serve one at a time.
//
// A machine that serves whoever came first lets one long request, or one tenant with a hundred of them, hold up
// everybody else. Here work is served in quanta, and each goes to the tenant that was served least, and of its requests
// to the one that was served least. Who was idle gets nothing for it, and newcomers cannot starve those who wait.
//
// Deterministic: no clock, no chance. Not thread-safe. Owns nothing of the caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>

namespace fovea {

// A request and whose it is.
struct Flow {
  std::uint64_t tenant;
  std::uint64_t request;
};

class FairShare {
 public:
  // 11 days: no turn takes so long, whatever a clock says, and a thousand of them are far from what can be counted.
  static constexpr double quantum_ms_max = 1e9;

  // The index of who is served next: of the tenant that was served least, its request that was served least; the first
  // among equals. REQUIRES: `waiting` is not empty. While it is in order of arrival, nobody starves.
  std::size_t next(std::span<const Flow> waiting) const;

  // `flow`, which was among `waiting`, was served for `ms`. REQUIRES: `waiting` names no request twice and `flow` once;
  // `ms` is not negative. More than `quantum_ms_max` counts as that.
  void charge(const Flow& flow, std::span<const Flow> waiting, double ms);

  // Tenants and requests that are remembered: in the order of those that wait, however many have come and gone.
  std::size_t remembered() const;

 private:
  using Nanoseconds = std::uint64_t;  // enough for 584 years of service

  // Shares among the ids of one level. `now` is how far somebody would be who had always waited and got exactly an
  // equal share; an id that is ahead of it has had more than that, and waits until `now` has come so far.
  struct VirtualTime {
    Nanoseconds now = 0;
    std::unordered_map<std::uint64_t, Nanoseconds> ahead;  // id -> how far it was served; all others are at `now`

    Nanoseconds start_of(std::uint64_t id) const;
    void serve(std::uint64_t id, Nanoseconds served, std::size_t active);
    void drop_passed();
  };

  Nanoseconds start_within_tenant(const Flow& flow) const;
  void sweep(std::span<const Flow> waiting);

  // The table is swept no sooner than after so many charges, so that a small one costs nothing.
  static constexpr std::size_t sweep_after_min = 64;

  VirtualTime tenants_;
  std::unordered_map<std::uint64_t, VirtualTime> requests_of_;  // by tenant
  std::size_t charges_until_sweep_ = sweep_after_min;
};

}  // namespace fovea
