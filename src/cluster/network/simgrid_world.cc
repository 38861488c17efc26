// SimGrid calls back when a flow has arrived, from its own loop (the "maestro"). Everything else happens
// there too, as a timer of SimGrid: so no step switches to another stack, which makes it several times faster
// than actors that wait. Only SimGrid's loop wants an actor to be there, or it ends: one sleeps from the
// beginning to stop(). It has a thread and not only a stack of its own, since sanitizers know the stacks of
// threads.
//
// The event queue is ours, since SimGrid's timers of one moment come in no order. It has one timer at a time,
// at the first event. Timers that became superfluous, because an earlier event was added, find nothing to do.
//
// Each place has a link for each direction. The core of the network has none: a link there, though it had
// room for everything, would make all flows one problem to solve, and each flow's end as expensive as their
// number.
//
// The parameters: SimGrid's default network model fits the large clusters that it was calibrated on: 13 times
// the latency, 97 % of the rate. Against TCP over links shaped by Linux, no factor for the latency, 95.5 % of
// the rate (headers), and no reverse traffic of acknowledgements agreed within 8 %.
#include "cluster/network/simgrid_world.h"

#include <xbt/log.h>
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u.hpp>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "cluster/network/event_queue.h"

namespace fovea {

namespace {

namespace s4u = simgrid::s4u;

constexpr double cancelled_kept_ms = 1;
constexpr double host_speed = 1e9;  // nobody computes there, but SimGrid wants to know

double clock_s() { return s4u::Engine::get_clock(); }

// The engine of this process. SimGrid wants a command line.
std::unique_ptr<s4u::Engine> make_engine() {
  std::string name = "fovea", quiet = "--log=root.thresh:error", threads = "--cfg=contexts/factory:thread";
  std::vector<char*> arguments = {name.data(), quiet.data(), threads.data(), nullptr};
  int count = 3;
  auto engine = std::make_unique<s4u::Engine>(&count, arguments.data());
  s4u::Engine::set_config("network/latency-factor:1");
  s4u::Engine::set_config("network/bandwidth-factor:0.955");
  s4u::Engine::set_config("network/crosstraffic:0");
  return engine;
}

}  // namespace

class SimGridWorld::Parts {
 public:
  explicit Parts(std::span<const FleetLink> links) : engine_(make_engine()), start_s_(clock_s()) {
    s4u::NetZone* zone = engine_->get_netzone_root()->add_netzone_star("fleet");
    core_ = zone->add_host("core", host_speed);
    zone->add_route(core_, nullptr, std::vector<s4u::LinkInRoute>{}, false);
    zone->add_route(nullptr, core_, std::vector<s4u::LinkInRoute>{}, false);
    for (const FleetLink& link : links) add_place(*zone, link);
    zone->seal();
  }

  double now_ms() const { return (clock_s() - start_s_) * 1000; }

  void after(double ms, Action action) {
    queue_.add(clock_s() + std::max(ms, 0.0) / 1000, std::move(action));
    arm();
  }

  Id begin(Place from, Place to, double bytes, Arrived arrived) {
    check(from != to, "a flow has two ends");
    const Id id = ++begun_;
    s4u::CommPtr comm = s4u::Comm::sendto_init(host(from), host(to));
    comm->set_payload_size(static_cast<std::uint64_t>(std::max(bytes, 1.0)));
    comm->on_this_completion_cb([this, id](const s4u::Comm&) { ended(id); });
    flows_.emplace(id, Flow{.comm = comm, .arrived = std::move(arrived)});
    comm->start();
    return id;
  }

  // What it called back about is not freed within the call back.
  void ended(Id id) {
    const auto flow = flows_.find(id);
    if (flow == flows_.end()) return;  // given up
    after(0, [arrived = std::move(flow->second.arrived), comm = std::move(flow->second.comm)]() mutable {
      comm.reset();
      arrived();
    });
    flows_.erase(flow);
  }

  double cancel(Id id) {
    const auto flow = flows_.find(id);
    if (flow == flows_.end()) return 0;  // it has passed at this moment, and its end is in the queue
    const s4u::CommPtr comm = std::move(flow->second.comm);
    flows_.erase(flow);
    const double left = comm->get_remaining();
    comm->cancel();
    after(cancelled_kept_ms, [comm] {});  // SimGrid still reads it
    return left;
  }

  void run() {
    sleeper_ = core_->add_actor("clock", [this] {
      if (!stopped_) s4u::this_actor::suspend();
    });
    engine_->run();
    sleeper_ = nullptr;
  }

  void stop() {
    stopped_ = true;
    if (sleeper_ != nullptr) sleeper_->resume();
  }

  std::uint64_t events() const { return queue_.run(); }
  std::uint64_t messages() const { return begun_; }

 private:
  struct Flow {
    s4u::CommPtr comm;
    Arrived arrived;
  };

  void add_place(s4u::NetZone& zone, const FleetLink& link) {
    const std::string name = std::to_string(places_.size());
    s4u::Host* place = zone.add_host("place-" + name, host_speed);
    const auto direction = [&](const std::string& which) {
      return zone.add_link(which + name, link.bytes_per_ms * 1000)->set_latency(link.latency_ms / 1000);
    };
    zone.add_route(place, nullptr, {s4u::LinkInRoute(direction("up-"))}, false);
    zone.add_route(nullptr, place, {s4u::LinkInRoute(direction("down-"))}, false);
    places_.push_back(place);
  }

  s4u::Host* host(Place place) const { return place == core ? core_ : places_[place]; }

  // Sees to it that SimGrid stops at the first event.
  void arm() {
    if (queue_.empty() || stopped_ || (armed_ && armed_at_s_ <= queue_.next())) return;
    armed_ = true;
    armed_at_s_ = queue_.next();
    simgrid::kernel::timer::Timer::set(armed_at_s_, [this, at_s = armed_at_s_] {
      if (armed_ && armed_at_s_ == at_s) armed_ = false;
      run_due();
    });
  }

  void run_due() {
    while (!stopped_ && !queue_.empty() && queue_.next() <= clock_s()) queue_.run_next();
    arm();
  }

  std::unique_ptr<s4u::Engine> engine_;
  const double start_s_;
  s4u::Host* core_ = nullptr;
  std::vector<s4u::Host*> places_;
  s4u::ActorPtr sleeper_;
  EventQueue queue_;
  bool armed_ = false;
  double armed_at_s_ = 0;
  bool stopped_ = false;
  std::unordered_map<Id, Flow> flows_;
  Id begun_ = 0;
};

SimGridWorld::SimGridWorld(std::span<const FleetLink> links) : parts_(std::make_unique<Parts>(links)) {}
SimGridWorld::~SimGridWorld() = default;

double SimGridWorld::now_ms() const { return parts_->now_ms(); }
void SimGridWorld::after(double ms, Action action) { parts_->after(ms, std::move(action)); }
Flows::Id SimGridWorld::begin(Place from, Place to, double bytes, Arrived arrived) {
  return parts_->begin(from, to, bytes, std::move(arrived));
}
double SimGridWorld::cancel(Id id) { return parts_->cancel(id); }
void SimGridWorld::run() { parts_->run(); }
void SimGridWorld::stop() { parts_->stop(); }
std::uint64_t SimGridWorld::events() const { return parts_->events(); }
std::uint64_t SimGridWorld::messages() const { return parts_->messages(); }

}  // namespace fovea
