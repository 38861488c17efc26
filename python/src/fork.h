// SPDX-License-Identifier: Apache-2.0

// ForkLocal: a state that a child process made by fork() does not share with its parent.
//
// After fork() a child has its parent's memory, but none of its threads: a lock that one of them held stays
// held forever, and a database or connection belongs to the parent. So a child never touches its parent's
// state. What asks for it first gets a new one, and the parent's stays where it is until the process ends.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace fovea::python {

// How many forks lie between this process and the one that loaded the module.
std::uint64_t fork_generation();

// Held while a state is renewed. fork() waits for it, so that a child never finds it held.
std::mutex& renewal_mutex();

template <typename T>
class ForkLocal {
 public:
  explicit ForkLocal(std::shared_ptr<T> first) : slot_(new Slot{fork_generation(), std::move(first)}) {}
  ~ForkLocal() {
    Slot* slot = slot_.load();
    if (slot->generation == fork_generation()) delete slot;  // else it is the parent's
  }
  ForkLocal(const ForkLocal&) = delete;
  ForkLocal& operator=(const ForkLocal&) = delete;

  // The state of this process; null once it was taken. `renew()` makes the one of a child.
  // REQUIRES: `renew` waits for no other thread of Python.
  template <typename Renew>
  std::shared_ptr<T> get(const Renew& renew) {
    return current(renew)->state.load();
  }
  // The same in place: valid as long as nobody takes it.
  template <typename Renew>
  T& here(const Renew& renew) {
    return *current(renew)->in_place;
  }
  // Takes the state out; null where it was taken before, and in a child that has made none.
  std::shared_ptr<T> take() {
    return current([] { return std::shared_ptr<T>(); })->state.exchange(nullptr);
  }

 private:
  struct Slot {
    Slot(std::uint64_t of, std::shared_ptr<T> made) : generation(of), in_place(made.get()), state(std::move(made)) {}
    const std::uint64_t generation;
    T* const in_place;
    std::atomic<std::shared_ptr<T>> state;
  };

  template <typename Renew>
  Slot* current(const Renew& renew) {
    Slot* slot = slot_.load(std::memory_order_acquire);
    if (slot->generation == fork_generation()) [[likely]]
      return slot;
    const std::lock_guard lock(renewal_mutex());
    slot = slot_.load(std::memory_order_acquire);
    if (slot->generation == fork_generation()) return slot;
    slot = new Slot{fork_generation(), renew()};
    slot_.store(slot, std::memory_order_release);
    return slot;
  }

  std::atomic<Slot*> slot_;
};

}  // namespace fovea::python
