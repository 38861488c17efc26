// SPDX-License-Identifier: Apache-2.0

// StoreHome: the one state of a store in each process, and PyStore: one scope's view of it.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "errors.h"
#include "fork.h"
#include "python.h"
#include "store_state.h"

namespace fovea::python {

// A store's state while a call uses it. The last user of a closed store frees it, without the GIL: freeing it
// waits for threads of tiers.
class StateUse {
 public:
  explicit StateUse(std::shared_ptr<StoreState> state) : state_(std::move(state)) {}
  ~StateUse() {
    if (state_.use_count() > 1 || !state_->has_tiers()) return;
    const nb::gil_scoped_release released;
    state_.reset();
  }
  StateUse(const StateUse&) = delete;
  StateUse& operator=(const StateUse&) = delete;

  StoreState* operator->() const { return state_.get(); }
  StoreState& operator*() const { return *state_; }

 private:
  std::shared_ptr<StoreState> state_;
};

// Whether tiers have all that they took, after at most so long. Raises what a signal handler raised.
bool wait_for_tiers(StoreState& state, double seconds);

// Closes the stores of this process when it ends. Costs nothing the second time.
void close_at_exit();

// Thread-safe. A child process made by fork() has a state of its own: memory that is empty, and the tiers
// opened anew.
class StoreHome : public std::enable_shared_from_this<StoreHome> {
 public:
  static std::shared_ptr<StoreHome> make(StoreSettings settings, std::shared_ptr<StoreState> state);
  ~StoreHome();

  // Raises where the store is closed.
  StateUse state() {
    auto state = state_.get([this] { return renewed(); });
    if (!state) raise({Fault::invalid, "the store is closed: make a new one", {}});
    close_at_exit();
    return StateUse(std::move(state));
  }
  bool is_closed() {
    return !state_.get([this] { return renewed(); });
  }
  // Waits until tiers have what they took, and tells what they have not by then. Values stay readable.
  void close();
  void close(double seconds);
  void resize(std::uint64_t bytes_max) {
    memory_bytes_ = bytes_max;
    state()->resize(bytes_max);
  }
  // What memory and tiers keep at most of one value, or more.
  std::uint64_t value_bytes_max() const {
    return std::max<std::uint64_t>(memory_bytes_, settings_.tier_value_bytes_max);
  }
  const StoreSettings& settings() const { return settings_; }

 private:
  StoreHome(StoreSettings settings, std::shared_ptr<StoreState> state);
  std::shared_ptr<StoreState> renewed() const;

  const StoreSettings settings_;
  std::atomic<std::uint64_t> memory_bytes_;  // as it was set last
  ForkLocal<StoreState> state_;
};

// The store as one scope sees it.
struct PyStore {
  std::shared_ptr<StoreHome> home;
  std::string name_space;
  std::optional<std::string> salt;
  Scope scope;
};

// Closes every store of this process that still lives.
void close_all();

// Tells the logger "fovea" what tiers have told.
void log_messages(StoreState& state);

}  // namespace fovea::python
