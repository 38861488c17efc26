// A flight is one key's computation and the callers that wait for it. At most one caller of a flight
// computes, outside the lock. A caller that finds no computation starts its own. A computation that ends
// without a value wakes one waiting caller, which then computes. A flight whose value is being published
// stays in the table, but cannot be joined: a caller that comes then waits until it has finished and starts
// anew.
// Rejected: giving the value to callers that come while it is published. The value may be replaced or erased
// meanwhile, and such a caller would get an older value than a look-up gives.
#include "fovea/single_flight.h"

#include <condition_variable>
#include <optional>
#include <unordered_map>

#include "base/mutex.h"

namespace fovea {

namespace {

struct Flight {
  bool computing = false;     // a caller computes
  bool publishing = false;    // its value is being published
  std::optional<Blob> value;  // set once
  std::size_t waiting = 0;
  std::condition_variable_any changed;
};

}  // namespace

struct SingleFlight::State {
  // One caller's computation. Its destructor finishes it, with the value if one was set, also when `compute`
  // threw.
  struct Computation {
    Computation(State& owner, const Key& of, Flight& started) : state(owner), key(of), flight(started) {}
    ~Computation() { state.finish(key, flight, std::move(value)); }
    Computation(const Computation&) = delete;
    Computation& operator=(const Computation&) = delete;

    State& state;
    const Key& key;
    Flight& flight;
    std::optional<Blob> value;
  };

  Mutex mutex;
  std::unordered_map<Key, std::shared_ptr<Flight>, KeyHash> flights FOVEA_GUARDED_BY(mutex);

  // The flight of `key` that a caller can join. While the present one is publishing, waits for it
  // (microseconds).
  std::shared_ptr<Flight> join(const Key& key) FOVEA_REQUIRES(mutex) {
    for (;;) {
      std::shared_ptr<Flight>& flight = flights[key];
      if (!flight) flight = std::make_shared<Flight>();
      if (!flight->publishing) return flight;
      const std::shared_ptr<Flight> ending = flight;
      ending->changed.wait(mutex, [&] { return !ending->computing; });
    }
  }

  void start_publishing(Flight& flight) {
    MutexLock lock(mutex);
    flight.publishing = true;
  }

  // Ends this caller's computation, with a value or without, and wakes those that wait.
  void finish(const Key& key, Flight& flight, std::optional<Blob> value) {
    MutexLock lock(mutex);
    flight.computing = false;
    flight.value = std::move(value);
    if (flight.publishing || flight.waiting == 0) flights.erase(key);
    if (flight.publishing) {
      flight.changed.notify_all();
    } else {
      flight.changed.notify_one();
    }
  }

  // Waits until `flight` has a value or its computation has ended; false if `stop` came first.
  bool wait(Flight& flight, std::stop_token stop) FOVEA_REQUIRES(mutex) {
    ++flight.waiting;
    const bool ready = flight.changed.wait(mutex, std::move(stop), [&] { return flight.value || !flight.computing; });
    --flight.waiting;
    return ready;
  }
};

SingleFlight::SingleFlight() : state_(std::make_unique<State>()) {}
SingleFlight::~SingleFlight() = default;

Result<SingleFlight::Shared> SingleFlight::run(const Key& key, const std::function<Result<Blob>()>& compute,
                                               const std::function<void(const Blob&)>& publish, std::stop_token stop) {
  std::shared_ptr<Flight> flight;
  {
    MutexLock lock(state_->mutex);
    flight = state_->join(key);
    if (flight->computing && !state_->wait(*flight, std::move(stop))) {
      return fail(Fault::cancelled,
                  "The request was cancelled while it waited for the same computation of another one.");
    }
    if (flight->value) return Shared{*flight->value, true};
    flight->computing = true;
  }
  State::Computation computation(*state_, key, *flight);
  Result<Blob> value = compute();
  if (!value) return std::unexpected(std::move(value.error()));
  state_->start_publishing(*flight);
  computation.value = *value;
  publish(*value);
  return Shared{std::move(*value), false};
}

}  // namespace fovea
