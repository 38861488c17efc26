// Turns are shared equally among tenants and among each tenant's requests; no request starves, and finished
// ones are removed from the table.
#include "engine/fair_share.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace fovea {
namespace {

struct Job {
  Flow flow;
  double ms_left;
};

// Serves waiting requests, kept in their order of arrival, with one quantum of a millisecond a turn.
class Machine {
 public:
  void arrive(Flow flow, double ms) { waiting_.push_back({flow, ms}), flows_.push_back(flow); }

  // The request that had the turn. REQUIRES: a request waits.
  Flow turn() {
    const std::size_t index = share.next(flows_);
    const Flow flow = flows_[index];
    share.charge(flow, flows_, 1);
    if (--waiting_[index].ms_left <= 0) {
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
      flows_.erase(flows_.begin() + static_cast<std::ptrdiff_t>(index));
    }
    return flow;
  }

  // How many of the next `turns` turns each tenant has.
  std::map<std::uint64_t, int> turns_of_tenants(int turns) {
    std::map<std::uint64_t, int> had;
    while (turns-- > 0) ++had[turn().tenant];
    return had;
  }
  // The same for requests, where their numbers differ.
  std::map<std::uint64_t, int> turns_of_requests(int turns) {
    std::map<std::uint64_t, int> had;
    while (turns-- > 0) ++had[turn().request];
    return had;
  }

  std::size_t waiting() const { return flows_.size(); }

  FairShare share;

 private:
  std::vector<Job> waiting_;
  std::vector<Flow> flows_;
};

constexpr double forever = 1e9;

TEST(FairShare, AmongEqualsTheFirst) {
  const std::vector<Flow> waiting = {{7, 3}, {5, 1}, {7, 2}};
  EXPECT_EQ(FairShare().next(waiting), 0u);
  EXPECT_EQ(FairShare().next(std::span(waiting).subspan(1)), 0u);
}

TEST(FairShare, TheLeastServedTenantThenItsLeastServedRequest) {
  FairShare share;
  const std::vector<Flow> waiting = {{1, 10}, {1, 11}, {2, 20}, {2, 21}};
  const auto turn = [&] {
    const std::size_t index = share.next(waiting);
    share.charge(waiting[index], waiting, 5);
    return waiting[index].request;
  };
  std::vector<std::uint64_t> order;
  for (int i = 0; i < 8; ++i) order.push_back(turn());
  EXPECT_EQ(order, (std::vector<std::uint64_t>{10, 20, 11, 21, 10, 20, 11, 21}));
}

TEST(FairShare, OneNumberInTwoTenantsIsTwoRequests) {
  FairShare share;
  const std::vector<Flow> waiting = {{1, 1}, {1, 2}, {2, 1}, {2, 2}};
  share.charge(waiting[0], waiting, 5);
  ASSERT_EQ(share.next(waiting), 2u) << "not 3: of the other tenant's requests none was served";
}

TEST(FairShare, AHundredRequestsGetNoMoreThanOne) {
  Machine machine;
  for (std::uint64_t i = 0; i < 100; ++i) machine.arrive({1, i}, forever);
  machine.arrive({2, 0}, forever);
  auto had = machine.turns_of_tenants(400);
  EXPECT_NEAR(had[1], 200, 1);
  EXPECT_NEAR(had[2], 200, 1);
}

TEST(FairShare, ATenantsRequestsShareItsPart) {
  Machine machine;
  for (std::uint64_t i = 0; i < 4; ++i) machine.arrive({1, i}, forever);
  machine.arrive({2, 99}, forever);
  auto had = machine.turns_of_requests(800);
  for (std::uint64_t i = 0; i < 4; ++i) EXPECT_NEAR(had[i], 100, 1);
  EXPECT_NEAR(had[99], 400, 1);
}

TEST(FairShare, LongQuantaCountAsLong) {
  FairShare share;
  const std::vector<Flow> waiting = {{1, 1}, {2, 2}};
  double served[2] = {0, 0};
  for (int i = 0; i < 1800; ++i) {
    const std::size_t index = share.next(waiting);
    const double ms = index == 0 ? 17 : 1;
    share.charge(waiting[index], waiting, ms);
    served[index] += ms;
  }
  EXPECT_NEAR(served[0], served[1], 17 + 1);
}

TEST(FairShare, IdleTimeEarnsNothing) {
  for (const bool same_tenant : {true, false}) {
    Machine machine;
    machine.arrive({1, 1}, forever);
    machine.turns_of_requests(1000);
    machine.arrive({same_tenant ? 1u : 2u, 2}, forever);
    auto had = machine.turns_of_requests(20);
    EXPECT_NEAR(had[1], 10, 1) << same_tenant;
    EXPECT_NEAR(had[2], 10, 1) << same_tenant;
  }
}

TEST(FairShare, GoingAndComingBackGainsNothing) {
  Machine machine;
  machine.arrive({1, 1}, forever);
  int its_turns = 0;
  for (int round = 0; round < 500; ++round) {  // it comes again as soon as it was served, under a new number
    machine.arrive({2, static_cast<std::uint64_t>(1000 + round)}, 1);
    while (machine.turn().tenant != 2) ++its_turns;
  }
  EXPECT_NEAR(its_turns, 500, 2);
}

TEST(FairShare, ALongRequestHoldsUpNoShortOne) {
  for (const bool same_tenant : {true, false}) {
    for (int head_start = 0; head_start < 16; ++head_start) {
      Machine machine;
      machine.arrive({1, 1}, 17);
      machine.turns_of_requests(head_start);
      machine.arrive({same_tenant ? 1u : 2u, 2}, 1);
      EXPECT_EQ(machine.turns_of_requests(2)[2], 1) << "within two turns, behind " << head_start;
    }
  }
}

// Newcomers of one quantum take every place that becomes free, without end. `tenant_of` gives the nth
// newcomer's tenant.
int turns_among_newcomers(std::size_t places, std::uint64_t (*tenant_of)(std::uint64_t)) {
  Machine machine;
  machine.arrive({0, 0}, 100);
  std::uint64_t newcomers = 0;
  const int bound = 100 * static_cast<int>(places) + static_cast<int>(places);
  for (int turns = 1, had = 0; turns <= bound; ++turns) {
    while (machine.waiting() < places) ++newcomers, machine.arrive({tenant_of(newcomers), newcomers}, 1);
    had += machine.turn().request == 0;
    if (had == 100) return turns;
  }
  ADD_FAILURE() << "not done after " << bound << " turns";
  return bound;
}

TEST(FairShare, ALongRequestEndsAmongEndlessNewcomers) {
  for (const std::size_t places : {2u, 3u, 16u, 64u}) {
    const auto of_its_tenant = [](std::uint64_t) -> std::uint64_t { return 0; };
    const auto of_another = [](std::uint64_t) -> std::uint64_t { return 1; };
    const auto of_new_tenants = [](std::uint64_t newcomer) { return newcomer; };
    const int fair = 100 * static_cast<int>(places), late = static_cast<int>(places);
    EXPECT_NEAR(turns_among_newcomers(places, of_its_tenant), fair, late);
    EXPECT_NEAR(turns_among_newcomers(places, of_new_tenants), fair, late);
    EXPECT_NEAR(turns_among_newcomers(places, of_another), 200, 2) << "one tenant of two";
  }
}

TEST(FairShare, ALongRequestEndsWhereEveryTurnBringsANewcomer) {
  Machine machine;
  machine.arrive({0, 0}, 100);
  int turns = 0;
  for (int had = 0; had < 100; ++turns) {
    ASSERT_LT(turns, 100 * 101) << "each of its quanta makes the queue longer by one";
    machine.arrive({0, static_cast<std::uint64_t>(1 + turns)}, 1);
    had += machine.turn().request == 0;
  }
  EXPECT_GT(turns, 1000) << "but newcomers are not starved by it";
}

TEST(FairShare, AMillionRequestsLeaveASmallTable) {
  Machine machine;
  std::size_t most = 0;
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {  // half of them one tenant's, the others of a tenant each
    machine.arrive({i % 2 == 0 ? 0 : i, i}, 1 + static_cast<double>(i % 3));
    while (machine.waiting() >= 8) machine.turn();
    if (i % 97 == 0) most = std::max(most, machine.share.remembered());
    ASSERT_LE(most, 300u) << "after " << i;
  }
  EXPECT_GE(most, 2u);
}

TEST(FairShare, AnAbsurdQuantumIsCut) {
  FairShare share;
  const std::vector<Flow> waiting = {{1, 1}, {2, 2}};
  for (const double ms : {1e300, std::numeric_limits<double>::infinity()}) share.charge(waiting[0], waiting, ms);
  EXPECT_EQ(share.next(waiting), 1u);
}

TEST(FairShare, TenantsThatGoAwayAreRemovedWithTheirRequests) {
  FairShare share;
  for (std::uint64_t tenant = 0; tenant < 100'000; ++tenant) {
    const std::vector<Flow> both = {{tenant, 1}, {tenant, 2}};
    share.charge(both[0], both, 17);  // far ahead of the other one, and gone
    share.charge(both[1], std::span(both).subspan(1), 1);
    ASSERT_LE(share.remembered(), 300u) << "after " << tenant;
  }
}

// FairShare as its header describes it, without ever removing anything.
class PlainShare {
 public:
  std::size_t next(const std::vector<Flow>& waiting) {
    std::size_t best = 0;
    const auto rank = [&](const Flow& flow) { return start(tenants_, flow.tenant); };
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (rank(waiting[i]) < rank(waiting[best])) best = i;
    }
    auto& requests = requests_[waiting[best].tenant];
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].tenant != waiting[best].tenant) continue;
      if (start(requests, waiting[i].request) < start(requests, waiting[best].request)) best = i;
    }
    return best;
  }

  void charge(const Flow& flow, const std::vector<Flow>& waiting, std::uint64_t ms) {
    std::set<std::uint64_t> tenants, requests;
    for (const Flow& one : waiting) {
      tenants.insert(one.tenant);
      if (one.tenant == flow.tenant) requests.insert(one.request);
    }
    serve(tenants_, flow.tenant, ms * 1'000'000, tenants.size());
    serve(requests_[flow.tenant], flow.request, ms * 1'000'000, requests.size());
  }

 private:
  struct Queue {
    std::uint64_t now = 0;
    std::map<std::uint64_t, std::uint64_t> finish;
  };
  static std::uint64_t start(Queue& queue, std::uint64_t id) { return std::max(queue.now, queue.finish[id]); }
  static void serve(Queue& queue, std::uint64_t id, std::uint64_t ns, std::size_t active) {
    queue.finish[id] = start(queue, id) + ns;
    queue.now += ns / active + (ns % active != 0);
  }

  Queue tenants_;
  std::map<std::uint64_t, Queue> requests_;
};

// Requests of many tenants come and go at random, served or not. Each tenant has one that always waits, since
// the history of a tenant that went away is dropped for good.
TEST(FairShare, SweepingChangesNothingForRequestsThatStay) {
  constexpr std::uint64_t tenants = 5;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 chance(seed);
    FairShare share;
    PlainShare plain;
    std::vector<Flow> waiting;
    for (std::uint64_t i = 0; i < tenants; ++i) waiting.push_back({i, 0});
    for (std::uint64_t turn = 1; turn <= 2000; ++turn) {
      if (waiting.size() < 20) waiting.push_back({chance() % tenants, turn});
      const std::size_t index = share.next(waiting);
      ASSERT_EQ(index, plain.next(waiting)) << "turn " << turn;
      const std::uint64_t ms = chance() % 18;
      share.charge(waiting[index], waiting, static_cast<double>(ms));
      plain.charge(waiting[index], waiting, ms);
      const std::size_t leaves = chance() % waiting.size();
      if (leaves >= tenants) waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(leaves));
    }
    EXPECT_LE(share.remembered(), 300u);
  }
}

// Requests that wait all the time are served alike, whatever comes and goes beside them.
TEST(FairShare, RequestsThatAlwaysWaitAreServedAlike) {
  constexpr double longest_ms = 2;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 chance(seed);
    FairShare share;
    std::vector<Flow> waiting = {{0, 0}, {1, 0}, {2, 0}};
    std::vector<double> served(3, 0);
    for (std::uint64_t turn = 3; turn < 5000; ++turn) {
      if (waiting.size() < 3 + chance() % 10) waiting.push_back({turn, 0});
      const std::size_t index = share.next(waiting);
      const double ms = longest_ms / 2 + static_cast<double>(chance() % 100) * longest_ms / 200;
      share.charge(waiting[index], waiting, ms);
      if (index < 3) served[index] += ms;
      if (index >= 3 && chance() % 4 == 0) waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(index));
    }
    const auto [least, most] = std::ranges::minmax(served);
    EXPECT_LE(most - least, 0.02 * most + 2 * longest_ms);
  }
}

}  // namespace
}  // namespace fovea
