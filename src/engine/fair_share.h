// FairShare: which request has the next turn where only one can be served at a time.
//
// If requests were served in order of arrival, one long request, or a tenant with a hundred of them, would
// hold up all others. Here work is served in quanta. Each goes to the tenant that was served least, and of
// its requests to the one that was served least. Idle time earns no credit, and newcomers cannot starve those
// that wait.
//
// Deterministic: it reads no clock and draws nothing at random. Not thread-safe. Owns nothing of the
// caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>

namespace fovea {

// A request and its tenant.
struct Flow {
  std::uint64_t tenant;
  std::uint64_t request;
};

class FairShare {
 public:
  // 11 days: no turn takes so long, whatever a clock says. The counters hold far more than a thousand of
  // them.
  static constexpr double quantum_ms_max = 1e9;

  // The index of the request that is served next: of the tenant that was served least, its request that was
  // served least; of equal ones the first. Nobody starves if `waiting` is in order of arrival.
  // REQUIRES: `waiting` is not empty.
  std::size_t next(std::span<const Flow> waiting) const;

  // Records that `flow`, one of `waiting`, was served for `ms`; more than `quantum_ms_max` counts as that.
  // REQUIRES: `waiting` names no request twice and `flow` once; `ms` is not negative.
  void charge(const Flow& flow, std::span<const Flow> waiting, double ms);

  // The number of tenants and requests that are remembered. It is proportional to those that wait, however
  // many have come and gone.
  std::size_t remembered() const;

 private:
  using Nanoseconds = std::uint64_t;  // enough for 584 years of service

  // The shares of the ids of one level. `now` is the time that an id would have been served for if it had
  // always waited and had got exactly an equal share. An id ahead of `now` has had more, and waits until
  // `now` has caught up.
  struct VirtualTime {
    Nanoseconds now = 0;
    // Id -> how far it was served; all others are at `now`.
    std::unordered_map<std::uint64_t, Nanoseconds> ahead;

    Nanoseconds start_of(std::uint64_t id) const;
    void serve(std::uint64_t id, Nanoseconds served, std::size_t active);
    void drop_passed();
  };

  Nanoseconds start_within_tenant(const Flow& flow) const;
  void sweep(std::span<const Flow> waiting);

  // The table is swept after at least so many charges, so that a small one costs nothing.
  static constexpr std::size_t sweep_after_min = 64;

  VirtualTime tenants_;
  std::unordered_map<std::uint64_t, VirtualTime> requests_of_;  // by tenant
  std::size_t charges_until_sweep_ = sweep_after_min;
};

}  // namespace fovea
