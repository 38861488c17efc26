// Network: what nodes, shards and the balancer send each other, and what becomes of it when a link is cut or
// a machine dies.
//
// What is on its way when a link is cut goes on when it is restored, as TCP has it. Short messages take their
// latency and their bytes' time, and nothing from other flows. Bytes are counted when they have passed. Not
// thread-safe. Borrows the timeline and the flows.
#pragma once

#include <coroutine>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "cluster/fleet.h"
#include "cluster/fleet_outcome.h"
#include "cluster/network/flows.h"
#include "cluster/network/timeline.h"

namespace fovea {

enum class Sent : std::uint8_t {
  arrived,
  late,    // not there within the limit, and given up
  broken,  // one of the two machines died
};

class Network {
 public:
  static constexpr double no_limit = std::numeric_limits<double>::infinity();
  static constexpr double short_bytes = 4096;  // up to here a message is short

  // Places are numbered as `links` are.
  Network(Timeline& timeline, Flows& flows, std::span<const FleetLink> links);

  // For co_await: sends, and goes on with a Delivery.
  struct Delivery {
    Sent how = Sent::arrived;
    double bytes = 0;  // that passed
  };
  class Sending;
  // REQUIRES: two different places.
  Sending send(Place from, Place to, double bytes, double limit_ms = no_limit);

  // Both latencies.
  double latency_ms(Place from, Place to) const { return latency_ms(from) + latency_ms(to); }
  bool is_cut(Place place) const { return place != core && ends_[place].cut; }
  void cut(Place place);
  void restore(Place place);
  // A machine died: whatever is on its way from or to it is broken.
  void break_off(Place place);

  const LinkBytes& passed(Place place) const { return ends_[place].passed; }

 private:
  struct End {
    FleetLink link;
    bool cut = false;
    LinkBytes passed;
  };
  struct Transfer {
    Place from, to;
    double bytes, left;
    std::coroutine_handle<> waiting;
    Delivery* delivery;
    std::optional<Flows::Id> flow;
    bool begun = false;  // it is on its way, and not held up by a cut link
  };
  using Transfers = std::map<std::uint64_t, Transfer>;  // by number, so that all runs are alike

  double latency_ms(Place place) const { return place == core ? 0 : ends_[place].link.latency_ms; }
  double rate(Place place) const;
  std::uint64_t add(const Transfer& transfer, double limit_ms);
  void begin(std::uint64_t number, Transfer& transfer);
  void halt(Transfer& transfer);
  void end(Transfers::iterator transfer, Sent how);

  Timeline& timeline_;
  Flows& flows_;
  std::vector<End> ends_;
  Transfers transfers_;
  std::uint64_t added_ = 0;
};

class Network::Sending {
 public:
  Sending(Network& network, Place from, Place to, double bytes, double limit_ms)
      : network_(network), from_(from), to_(to), bytes_(bytes), limit_ms_(limit_ms) {}

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiting);
  Delivery await_resume() const { return delivery_; }

 private:
  Network& network_;
  const Place from_, to_;
  const double bytes_, limit_ms_;
  Delivery delivery_;
};

inline Network::Sending Network::send(Place from, Place to, double bytes, double limit_ms) {
  return {*this, from, to, bytes, limit_ms};
}

}  // namespace fovea
