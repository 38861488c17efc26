// Start-time fair queueing with a virtual clock, on two levels: tenants, and each tenant's requests.
//
// Serving an id for `ms` moves the id forward by `ms`, and the clock by `ms` divided by the number of active
// ids. An id starts from its own time or the clock's, whichever is later. This has three consequences. An
// id's lead shrinks at the rate of an equal share while others are served. An id that was idle starts at the
// clock, without credit. A long request that newcomers overtake has its turn once the clock has reached it,
// since they are then level and it came first. So a request of q equal quanta ends within about q times as
// many turns as requests may wait at once.
//
// Times are whole nanoseconds, and the clock is rounded up. If it fell short of an equal share by a rounding
// error, an id that is due would wait for another turn each time. That was seen with floating point where
// three waited.
//
// An id at or behind the clock behaves like an unknown one, so removing it from the table changes nothing.
// One case is left: a tenant that went away while one of its finished requests was ahead. No request of that
// tenant is left for which it matters, so a sweep removes it as soon as the tenant itself is not ahead. A
// charge adds at most three entries, and a sweep comes after as many charges as the sweep before left
// entries. So the table has at most four times the entries that matter, or about 200.
//
// An id that waits loses the time by which the clock passes it, since an id behind the clock is treated as
// idle. With equal quanta that is a fraction of one. An id whose quanta are far shorter than the others' is
// served once for each step of the clock, and gets less than its share: 0.053 instead of 0.125 with quanta of
// 1 among seven of 17.
//
// Rejected: counting milliseconds served without a clock. A newcomer would start at zero, and an endless row
// of newcomers would starve every id that was served before.
#include "engine/fair_share.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/check.h"

namespace fovea {

FairShare::Nanoseconds FairShare::VirtualTime::start_of(std::uint64_t id) const {
  const auto found = ahead.find(id);
  return found == ahead.end() ? now : std::max(now, found->second);
}

void FairShare::VirtualTime::serve(std::uint64_t id, Nanoseconds served, std::size_t active) {
  const Nanoseconds finish = start_of(id) + served;
  now += (served + active - 1) / active;
  if (finish > now) {
    ahead[id] = finish;
  } else {
    ahead.erase(id);
  }
}

void FairShare::VirtualTime::drop_passed() {
  std::erase_if(ahead, [&](const auto& one) { return one.second <= now; });
}

FairShare::Nanoseconds FairShare::start_within_tenant(const Flow& flow) const {
  const auto tenant = requests_of_.find(flow.tenant);
  return tenant == requests_of_.end() ? 0 : tenant->second.start_of(flow.request);
}

std::size_t FairShare::next(std::span<const Flow> waiting) const {
  check(!waiting.empty(), "a request waits for the next turn");
  const auto first =
      std::ranges::min_element(waiting, {}, [&](const Flow& one) { return tenants_.start_of(one.tenant); });
  auto best = first;
  Nanoseconds best_start = start_within_tenant(*first);
  for (auto one = first + 1; one != waiting.end(); ++one) {
    if (one->tenant != first->tenant) continue;
    const Nanoseconds start = start_within_tenant(*one);
    if (start < best_start) best = one, best_start = start;
  }
  return static_cast<std::size_t>(best - waiting.begin());
}

void FairShare::charge(const Flow& flow, std::span<const Flow> waiting, double ms) {
  check(ms >= 0, "a turn takes some time");
  const auto served = static_cast<Nanoseconds>(std::ceil(std::min(ms, quantum_ms_max) * 1e6));
  std::unordered_set<std::uint64_t> tenants;
  std::size_t requests = 0;
  for (const Flow& one : waiting) {
    tenants.insert(one.tenant);
    requests += one.tenant == flow.tenant;
  }
  check(requests > 0, "only a request that waited is served");
  tenants_.serve(flow.tenant, served, tenants.size());
  requests_of_[flow.tenant].serve(flow.request, served, requests);
  if (--charges_until_sweep_ == 0) sweep(waiting);
}

void FairShare::sweep(std::span<const Flow> waiting) {
  std::unordered_set<std::uint64_t> present;
  for (const Flow& one : waiting) present.insert(one.tenant);
  tenants_.drop_passed();
  std::erase_if(requests_of_, [&](auto& one) {
    auto& [tenant, requests] = one;
    requests.drop_passed();
    return requests.ahead.empty() || !(present.contains(tenant) || tenants_.ahead.contains(tenant));
  });
  charges_until_sweep_ = std::max(sweep_after_min, remembered());
}

std::size_t FairShare::remembered() const {
  std::size_t count = tenants_.ahead.size() + requests_of_.size();
  for (const auto& [tenant, requests] : requests_of_) count += requests.ahead.size();
  return count;
}

}  // namespace fovea
