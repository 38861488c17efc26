// EventQueue: what is to happen, by time, and of one time by the order in which it was asked for.
//
// Times are numbers of any unit. Not thread-safe. Owns the actions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace fovea {

class EventQueue {
 public:
  using Action = std::move_only_function<void()>;

  void add(double at, Action action) {
    events_.push_back({at, added_++, std::move(action)});
    std::ranges::push_heap(events_, Later());
  }

  bool empty() const { return events_.empty(); }
  // When the first is to happen. REQUIRES: not empty.
  double next() const { return events_.front().at; }
  // Does the first. It may add others. REQUIRES: not empty.
  void run_next() {
    std::ranges::pop_heap(events_, Later());
    Action action = std::move(events_.back().action);
    events_.pop_back();
    ++run_;
    action();
  }
  // How many have happened.
  std::uint64_t run() const { return run_; }

 private:
  struct Event {
    double at;
    std::uint64_t number;
    Action action;
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const { return a.at != b.at ? a.at > b.at : a.number > b.number; }
  };

  std::vector<Event> events_;  // a heap, the first in front
  std::uint64_t added_ = 0, run_ = 0;
};

}  // namespace fovea
