// SPDX-License-Identifier: Apache-2.0

// Computing: a caller's wait for a value, and its compute function, called from code that holds no GIL and
// knows no exceptions.
//
// What the function raises is kept and raised again, unchanged, once the GIL is back. A computation that asks
// for what waits for itself would wait for ever; that is an error instead (wait_graph.h).
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include "errors.h"
#include "fovea/blob.h"
#include "fovea/key.h"
#include "fovea/result.h"
#include "python.h"
#include "waiter.h"

namespace fovea::python {

class Computing {
 public:
  // Raises where the value of `key` of `cache` waits for the computation that asks for it, or for the event
  // loop that would be blocked.
  Computing(const void* cache, const Key& key) : entry_(WaitNode::at(cache, key), Waiter::Kind::entry) {
    if (Waiter* const asking = current_computation(asking_)) by_computation_.emplace(*asking, entry_);
    loop_ = running_loop();
    if (loop_.is_none()) return;
    blocked_.emplace(WaitNode::at(loop_.ptr()), Waiter::Kind::loop);
    by_loop_.emplace(*blocked_, entry_);
  }
  Computing(const Computing&) = delete;
  Computing& operator=(const Computing&) = delete;

  // What `make()` gives, with the GIL held; what it raises is a fault, and kept. Called without the GIL, by
  // who computes the value for all.
  template <typename Make>
  Result<Blob> run(const Make& make) {
    const nb::gil_scoped_acquire gil;
    try {
      return run_within(make);
    } catch (...) {
      raised_ = std::current_exception();
    }
    return fail(Fault::cancelled, "the compute function raised an exception");
  }

  // Whether a wait for somebody else's computation was stopped, and may go on.
  bool was_stopped(const Result<Blob>& result) const {
    return !raised_ && !result && result.error().fault == Fault::cancelled;
  }
  // Raises what was kept.
  void raise_again() {
    if (raised_) std::rethrow_exception(std::exchange(raised_, nullptr));
  }

 private:
  // What is asked for within is asked for by this computation, for which all wait that want the value.
  template <typename Make>
  Blob run_within(const Make& make) {
    const nb::object computation = nb::cast(new Waiter, nb::rv_policy::take_ownership);
    Waiter& its = nb::cast<Waiter&>(computation);
    const Wait computed_by(entry_, its);
    struct Entered {
      explicit Entered(nb::handle computation) : restores(enter_computation(computation)) {}
      ~Entered() { leave_computation(restores); }
      nb::object restores;
    } const entered(computation);
    struct End {
      ~End() { computation.end(); }
      Waiter& computation;
    } const end{its};
    return make();
  }

  Waiter entry_;
  nb::object asking_, loop_;
  std::optional<Waiter> blocked_;
  std::optional<Wait> by_computation_, by_loop_;  // behind what they name: they go before it
  std::exception_ptr raised_;
};

}  // namespace fovea::python
