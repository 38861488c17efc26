// Closed load: each client is a loop. A client whose request failed waits a second before its next one, as
// Retry-After says, or a fleet without nodes would be asked for ever at one moment. Open load: arrivals are a
// Poisson process, and so are those of noisy tenants, which end with the load.
#include "cluster/fleet_run.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cluster/node_weights.h"
#include "trace/mixed_bits.h"
#include "workload/arrivals.h"

namespace fovea {

namespace {

constexpr double retry_after_ms = 1000;
constexpr std::uint64_t told_parts = 200;  // of the progress

std::vector<std::uint32_t> classes_of_nodes(const Fleet& fleet) {
  std::vector<std::uint32_t> classes;
  for (std::uint32_t i = 0; i < fleet.classes.size(); ++i) classes.insert(classes.end(), fleet.classes[i].count, i);
  return classes;
}

BalancerOptions balancer_options(const Fleet& fleet) {
  const std::vector<std::uint32_t> of_class = class_weights(fleet);
  BalancerOptions options{.routing = fleet.routing,
                          .bound = fleet.bound,
                          .named_by = fleet.load.named_by,
                          .weights = {},
                          .request_bytes = fleet.load.request_bytes,
                          .answer_bytes = fleet.load.answer_bytes};
  for (const std::uint32_t of : classes_of_nodes(fleet)) options.weights.push_back(of_class[of]);
  return options;
}

}  // namespace

std::vector<FleetLink> links_of(const Fleet& fleet) {
  std::vector<FleetLink> links;
  for (const NodeClass& of : fleet.classes) links.insert(links.end(), of.count, of.link);
  if (fleet.shared) links.insert(links.end(), fleet.shared->shards, fleet.shared->link);
  return links;
}

FleetRun::FleetRun(const Fleet& fleet, Timeline& timeline, Flows& flows)
    : fleet_(fleet),
      timeline_(timeline),
      network_(timeline, flows, links_of(fleet)),
      class_of_(classes_of_nodes(fleet)),
      balancer_((make_nodes(), timeline), network_, nodes_, balancer_options(fleet)),
      requests_(fleet),
      recorder_(class_of_) {}

void FleetRun::make_nodes() {
  if (fleet_.shared) {
    shared_.emplace().wait_ms = fleet_.shared->wait_ms;
    for (std::uint32_t i = 0; i < fleet_.shared->shards; ++i)
      shared_->shards.emplace_back(static_cast<Place>(class_of_.size() + i), fleet_.shared->bytes_max);
  }
  for (const NodeClass& of : fleet_.classes) costs_.push_back(node_costs(of));
  for (std::uint32_t number = 0; number < class_of_.size(); ++number) {
    const std::uint32_t of = class_of_[number];
    nodes_.emplace_back(number, fleet_.classes[of], costs_[of],
                        NodeSurroundings{.timeline = timeline_,
                                         .network = network_,
                                         .shared = shared_ ? &*shared_ : nullptr,
                                         .levels = fleet_.levels,
                                         .fetching = fleet_.fetching,
                                         .prefetch = fleet_.prefetch,
                                         .encoded = encoded_});
  }
}

void FleetRun::begin(std::function<void()> over, Progress progress) {
  over_ = std::move(over);
  progress_ = std::move(progress);
  for (std::size_t event = 0; event < fleet_.events.size(); ++event) plan(event);
  timeline_.after(0, [this] { begin_load(); });
}

void FleetRun::begin_load() {
  if (fleet_.load.rate_per_s > 0) {
    arrivals_ = poisson_arrivals(fleet_.load.rate_per_s, requests_.count(), fleet_.load.seed);
    return next_arrival(0);
  }
  for (std::uint32_t i = 0; i < fleet_.load.clients; ++i) spawn(client());
}

Task<void> FleetRun::client() {
  while (requests_.are_left()) {
    const FleetRequest request = requests_.next(timeline_.now_ms() / 1000);
    ++open_;
    const FleetAnswer answer = co_await balancer_.answer(request);
    ended(request, answer);
    if (answer.failure) co_await timeline_.wait(retry_after_ms);
  }
}

Task<void> FleetRun::ask(FleetRequest request) {
  ++open_;
  const FleetAnswer answer = co_await balancer_.answer(request);
  ended(request, answer);
}

void FleetRun::next_arrival(std::size_t number) {
  if (number == arrivals_.size()) return;
  const double now_ms = timeline_.now_ms();
  timeline_.after(arrivals_[number] - now_ms, [this, number] {
    spawn(ask(requests_.next(timeline_.now_ms() / 1000)));
    next_arrival(number + 1);
  });
}

// The gaps of a Poisson process, as poisson_arrivals() draws them.
void FleetRun::next_noisy(std::size_t event, std::uint64_t number) {
  const FleetEvent& tenant = fleet_.events[event];
  const std::uint64_t draw = mixed_bits(mixed_bits(fleet_.load.seed + event) + number);
  const double gap_ms = -std::log(1 - unit_fraction(draw)) / tenant.rate_per_s * 1000;
  timeline_.after(gap_ms, [this, event, number] {
    const double now_s = timeline_.now_ms() / 1000;
    if (now_s >= fleet_.events[event].until_s || own_ended_ == requests_.count()) return;
    spawn(ask(requests_.noisy(event, number)));
    next_noisy(event, number + 1);
  });
}

void FleetRun::ended(const FleetRequest& request, const FleetAnswer& answer) {
  const double now_ms = timeline_.now_ms();
  recorder_.ended(request, answer, now_ms);
  if (shared_) recorder_.fetched(shared_->traffic.fetched_bytes, now_ms);
  --open_;
  if (request.tenant == 0) {
    const std::uint64_t all = requests_.count(), told = own_ended_ * told_parts / all;
    ++own_ended_;
    if (own_ended_ * told_parts / all != told)
      report_progress(progress_, static_cast<double>(own_ended_) / static_cast<double>(all));
  }
  if (open_ == 0 && own_ended_ == requests_.count()) over_();
}

void FleetRun::plan(std::size_t number) {
  const FleetEvent& event = fleet_.events[number];
  if (event.kind == FleetEventKind::viral) return;  // FleetRequests
  timeline_.after(event.at_s * 1000, [this, number, &event] {
    if (event.kind == FleetEventKind::noisy_tenant) return next_noisy(number, 0);
    happens(event);
  });
  if (std::isfinite(event.until_s)) timeline_.after(event.until_s * 1000, [this, &event] { is_over(event); });
}

void FleetRun::happens(const FleetEvent& event) {
  const bool dies = event.kind == FleetEventKind::node_dies || event.kind == FleetEventKind::rack_restarts;
  for (const std::uint32_t node : event.nodes) {
    if (dies) {
      nodes_[node].die();
      network_.break_off(node);
      balancer_.died(node);
    } else if (event.kind == FleetEventKind::link_cut) {
      network_.cut(node);
      balancer_.link_cut(node);
    }
  }
  for (const std::uint32_t shard : event.shards) {
    if (event.kind == FleetEventKind::link_cut) network_.cut(place_of_shard(shard));
    if (event.kind != FleetEventKind::shard_lost || !shared_) continue;
    shared_->shards[shard].lose();
    network_.break_off(place_of_shard(shard));
  }
}

// A node that comes back loads its model first.
void FleetRun::is_over(const FleetEvent& event) {
  const bool died = event.kind == FleetEventKind::node_dies || event.kind == FleetEventKind::rack_restarts;
  for (const std::uint32_t node : event.nodes) {
    if (died) {
      timeline_.after(nodes_[node].load_ms(), [this, node] {
        nodes_[node].come_back();
        balancer_.came_back(node);
      });
    } else if (event.kind == FleetEventKind::link_cut) {
      network_.restore(node);
      balancer_.link_restored(node);
    }
  }
  for (const std::uint32_t shard : event.shards) {
    if (event.kind == FleetEventKind::link_cut) network_.restore(place_of_shard(shard));
    if (event.kind == FleetEventKind::shard_lost && shared_) shared_->shards[shard].come_back();
  }
}

void FleetRun::add_levels(FleetOutcome& outcome) const {
  for (const Node& node : nodes_) {
    node.add_counts(RecordKind::response, outcome.response);
    node.add_counts(RecordKind::prefix, outcome.prefix);
    node.add_counts(RecordKind::embedding, outcome.embedding);
    const Node::Counts counts = node.counts();
    outcome.encodes += counts.encodes;
    outcome.repeated_encodes += counts.repeated_encodes;
    outcome.joined += counts.joined;
    outcome.leases_waited += counts.leases_waited;
    outcome.breakers_opened += node.times_opened();
    node.add_prefetch(outcome.prefetch);
    outcome.node_links.push_back(network_.passed(node.number()));
  }
}

void FleetRun::add_classes(FleetOutcome& outcome) const {
  for (const NodeClass& of : fleet_.classes) outcome.classes.push_back({.name = of.name, .times = {}});
  const double time_ms = std::max(timeline_.now_ms(), 1e-6);
  for (const Node& node : nodes_) {
    const std::uint32_t number = class_of_[node.number()];
    ClassOutcome& of = outcome.classes[number];
    const double nodes = fleet_.classes[number].count;
    const Node::Counts counts = node.counts();
    of.encodes += counts.encodes;
    of.encoder_busy += counts.encoding_ms / time_ms / nodes;
    of.decoder_busy += counts.decoding_ms / time_ms / nodes;
  }
}

FleetOutcome FleetRun::outcome() {
  FleetOutcome outcome;
  add_levels(outcome);
  add_classes(outcome);
  recorder_.finish(outcome);
  outcome.client_bytes_in = balancer_.bytes_in();
  outcome.client_bytes_out = balancer_.bytes_out();
  if (shared_) {
    outcome.shared = shared_->traffic;
    for (const Shard& shard : shared_->shards) {
      outcome.shared.evicted += shard.evictions();
      outcome.shard_links.push_back(network_.passed(shard.place()));
    }
  }
  outcome.virtual_seconds = timeline_.now_ms() / 1000;
  return outcome;
}

}  // namespace fovea
