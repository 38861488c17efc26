// A flight is one key's computation and those who wait for it. Its seat at the controls is taken or free: a caller that finds it
// free takes it and computes outside the lock; leaving it without a value frees it again and wakes one who waits. A flight whose
// value is about to be published stays in the table, but closed: who comes now waits for the landing and then looks again.
#include "fovea/single_flight.h"

#include <condition_variable>
#include <optional>
#include <unordered_map>

#include "base/mutex.h"

namespace fovea {

namespace {

struct Flight {
  bool flying = false;        // somebody computes
  bool closed = false;        // its value is being published
  std::optional<Blob> value;  // set once
  std::size_t waiting = 0;
  std::condition_variable_any changed;
};

}  // namespace

struct SingleFlight::State {
  // Lands the flight when it ends, empty-handed unless a value was set, whatever way the computation went.
  struct Turn {
    Turn(State& owner, const Key& of, Flight& taken) : state(owner), key(of), flight(taken) {}
    ~Turn() { state.land(key, flight, std::move(value)); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    State& state;
    const Key& key;
    Flight& flight;
    std::optional<Blob> value;
  };

  Mutex mutex;
  std::unordered_map<Key, std::shared_ptr<Flight>, KeyHash> flights FOVEA_GUARDED_BY(mutex);

  // The flight of `key` that can be boarded. A closed one is waited for, which takes microseconds.
  std::shared_ptr<Flight> join(const Key& key) FOVEA_REQUIRES(mutex) {
    for (;;) {
      std::shared_ptr<Flight>& place = flights[key];
      if (!place) place = std::make_shared<Flight>();
      if (!place->closed) return place;
      const std::shared_ptr<Flight> closed = place;
      closed->changed.wait(mutex, [&] { return !closed->flying; });
    }
  }

  void close(Flight& flight) {
    MutexLock lock(mutex);
    flight.closed = true;
  }

  // Ends this caller's turn at the controls, with a value or without.
  void land(const Key& key, Flight& flight, std::optional<Blob> value) {
    MutexLock lock(mutex);
    flight.flying = false;
    flight.value = std::move(value);
    if (flight.closed || flight.waiting == 0) flights.erase(key);
    if (flight.closed) {
      flight.changed.notify_all();
    } else {
      flight.changed.notify_one();
    }
  }

  // Waits until `flight` has a value or a free seat; false if `stop` came first.
  bool wait(Flight& flight, std::stop_token stop) FOVEA_REQUIRES(mutex) {
    ++flight.waiting;
    const bool ready = flight.changed.wait(mutex, std::move(stop), [&] { return flight.value || !flight.flying; });
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
    if (flight->flying && !state_->wait(*flight, std::move(stop))) {
      return fail(Fault::cancelled,
                  "The request was cancelled while it waited for the same computation of another one.");
    }
    if (flight->value) return Shared{*flight->value, true};
    flight->flying = true;
  }
  State::Turn turn(*state_, key, *flight);
  Result<Blob> value = compute();
  if (!value) return std::unexpected(std::move(value.error()));
  state_->close(*flight);
  turn.value = *value;
  publish(*value);
  return Shared{std::move(*value), false};
}

}  // namespace fovea
