// SPDX-License-Identifier: Apache-2.0

// Waiter: a node of the WaitGraph as Python has it, and the computation that the caller is part of.
//
// That computation is a context variable, and not of a thread: so what it awaits, and what it starts in its
// context (tasks, asyncio.to_thread), belongs to it as well.
#pragma once

#include <atomic>

#include "python.h"
#include "wait_graph.h"

namespace fovea::python {

class Waiter {
 public:
  enum class Kind { computation, entry, loop };

  // A computation.
  Waiter() : Waiter(WaitNode::unique(), Kind::computation) {}
  Waiter(const WaitNode& node, Kind kind) : node_(node), kind_(kind) {}
  ~Waiter() {
    if (kind_ == Kind::computation) end();
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  const WaitNode& node() const { return node_; }
  // Waits for `other` until finish(). Raises where that would be for ever. Who has ended waits for nobody.
  void begin(const Waiter& other);
  void finish(const Waiter& other) { WaitGraph::here().remove(node_, other.node_); }
  // The computation is over: what it started and left behind is not part of it any more.
  void end() {
    ended_ = true;
    WaitGraph::here().remove_all(node_);
  }

 private:
  const WaitNode node_;
  const Kind kind_;
  std::atomic<bool> ended_ = false;
};

// That `from` waits for `to`, while it lives. Raises where that would be for ever.
class Wait {
 public:
  // REQUIRES: both live longer.
  Wait(Waiter& from, const Waiter& to) : from_(from), to_(to) { from_.begin(to_); }
  ~Wait() { from_.finish(to_); }
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

 private:
  Waiter& from_;
  const Waiter& to_;
};

// The computation that the caller is part of; null where it is of none. `holder` keeps it.
Waiter* current_computation(nb::object& holder);
// Makes `computation` that of the caller, and gives what restores the present one.
nb::object enter_computation(nb::handle computation);
void leave_computation(nb::handle restores);

// The event loop that the calling thread runs, or None. None too as long as no loop of this process has
// computed anything: then none can be waited for.
nb::object running_loop();

void bind_waiter(nb::module_& module);

}  // namespace fovea::python
