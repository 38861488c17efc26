// HAProxy checks each node every second and believes two checks in a row. A connection that is refused goes
// to another node at once, and so does a request whose node broke off before the first byte of an answer, or
// said that it has too much to do (503); once each, and together once ("retries 1"). A node behind a cut link
// answers no check within the check's time limit, and no connection within that of connections.
//
// Bounded load: a node takes no more than `bound` times its share, by weight, of the requests that are being
// answered, this one included (V. Mirrokni, M. Thorup, M. Zadimoghaddam, "Consistent Hashing with Bounded
// Loads", 2016), and the ring says who is next. HAProxy deals out whole places, rounded up all together and
// not one by one: of nodes that are alike some have one more than others.
#include "cluster/balancer/balancer.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <string>
#include <utility>

namespace fovea {

namespace {

// haproxy.cfg: `inter 1s fall 2 rise 2`, `timeout check 5s`, `timeout connect 2s`, `timeout server 615s`.
constexpr double fall_ms = 2000;
constexpr double rise_ms = 2000;
constexpr double cut_fall_ms = 12'000;  // two checks that wait for their limit, a second apart
constexpr double connect_ms = 2000;
constexpr double silent_ms = 615'000;
constexpr std::uint32_t retries = 1;

}  // namespace

Balancer::Balancer(Timeline& timeline, Network& network, std::deque<Node>& nodes, BalancerOptions options)
    : timeline_(timeline),
      network_(network),
      nodes_(nodes),
      options_(std::move(options)),
      ring_(options_.routing == Routing::round_robin ? std::span<const std::uint32_t>() : options_.weights),
      turns_(options_.weights),
      watched_(nodes.size()),
      weights_up_(std::accumulate(options_.weights.begin(), options_.weights.end(), std::uint64_t{0})) {
  std::exclusive_scan(options_.weights.begin(), options_.weights.end(), std::back_inserter(weights_before_),
                      std::uint64_t{0});
}

bool Balancer::has_room(std::uint32_t node) const {
  const auto percent = static_cast<std::uint64_t>(std::lround(options_.bound * 100));
  const std::uint64_t places = ((has_ + 1) * percent + 99) / 100, before = weights_before_[node];
  const auto dealt_to = [&](std::uint64_t weights) { return weights * places / weights_up_; };
  return watched_[node].has < std::max<std::uint64_t>(dealt_to(before + options_.weights[node]) - dealt_to(before), 1);
}

std::optional<std::uint32_t> Balancer::choose(const FleetRequest& request, std::optional<std::uint32_t> but) {
  const auto counts = [&](std::uint32_t node) { return watched_[node].counts; };
  const auto is_other = [&](std::uint32_t node) { return node != but; };
  const bool by_session = options_.named_by == NamedBy::session && request.session != 0;
  const std::string text = std::to_string(by_session ? request.session : request.picture);
  switch (options_.routing) {
    case Routing::round_robin:
      return turns_.next([&](std::uint32_t node) { return counts(node) && is_other(node); });
    case Routing::hash:
      return ring_.node_of(text, counts, is_other);
    case Routing::bounded_hash: {
      const auto takes = [&](std::uint32_t node) { return is_other(node) && has_room(node); };
      const auto chosen = ring_.node_of(text, counts, takes);
      return chosen ? chosen : ring_.node_of(text, counts, is_other);
    }
  }
  return std::nullopt;
}

Task<FleetAnswer> Balancer::answer(FleetRequest request) {
  const Stopwatch watch(timeline_);
  FleetAnswer answer;
  std::optional<std::uint32_t> before;
  answer.failure = FleetFailure::no_node;
  for (std::uint32_t tries = 0; tries <= retries; ++tries) {
    const auto node = choose(request, before);
    if (!node) break;
    before = node;
    answer.node = *node;
    answer.resent = tries;
    ++watched_[*node].has;
    ++has_;
    const End end = co_await ask(*node, request, answer);
    --watched_[*node].has;
    --has_;
    answer.failure = end == End::refused      ? FleetFailure::no_node
                     : end == End::busy       ? FleetFailure::busy
                     : end == End::died       ? FleetFailure::node_died
                     : end == End::broken_off ? FleetFailure::broken_off
                                              : FleetFailure::node_silent;
    if (end == End::answered) answer.failure.reset();
    if (end != End::refused && end != End::busy && end != End::died) break;
  }
  answer.ms = watch.elapsed_ms();
  co_return answer;
}

Task<Balancer::End> Balancer::ask(std::uint32_t number, FleetRequest request, FleetAnswer& answer) {
  Node& node = nodes_[number];
  if (network_.is_cut(number)) {
    co_await timeline_.wait(connect_ms);
    co_return End::refused;
  }
  if (!node.is_up()) {
    co_await timeline_.wait(2 * network_.latency_ms(core, number));
    co_return End::refused;
  }
  const auto sent = co_await network_.send(core, number, static_cast<double>(options_.request_bytes));
  bytes_in_ += sent.bytes;
  if (sent.how != Sent::arrived || !node.is_up()) co_return End::died;
  const auto attempt = node.begin(request);
  co_await attempt->done.passed();
  if (attempt->silent) co_return End::silent;
  if (attempt->busy) {
    const auto refusal = co_await network_.send(number, core, 0);
    co_return refusal.how == Sent::arrived ? End::busy : End::died;
  }
  if (!attempt->served) co_return End::died;
  answer.served = *attempt->served;
  const auto replied = co_await network_.send(number, core, static_cast<double>(options_.answer_bytes));
  bytes_out_ += replied.bytes;
  co_return replied.how == Sent::arrived ? End::answered : End::broken_off;
}

// The last change counts.
void Balancer::after_change(std::uint32_t node, double ms, bool counts) {
  const std::uint64_t change = ++watched_[node].changes;
  timeline_.after(ms, [this, node, change, counts] {
    Watched& watched = watched_[node];
    if (watched.changes != change || watched.counts == counts) return;
    watched.counts = counts;
    if (counts) weights_up_ += options_.weights[node];
    if (!counts) weights_up_ -= options_.weights[node];
  });
}

void Balancer::died(std::uint32_t node) { after_change(node, fall_ms, false); }
void Balancer::came_back(std::uint32_t node) { after_change(node, rise_ms, true); }
void Balancer::link_restored(std::uint32_t node) { after_change(node, rise_ms, true); }

void Balancer::link_cut(std::uint32_t node) {
  after_change(node, cut_fall_ms, false);
  const std::uint64_t change = watched_[node].changes;
  timeline_.after(silent_ms, [this, node, change] {
    if (watched_[node].changes != change) return;
    network_.break_off(node);
    nodes_[node].give_up();
  });
}

}  // namespace fovea
