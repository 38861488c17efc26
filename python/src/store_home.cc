// SPDX-License-Identifier: Apache-2.0

#include "store_home.h"

#include <chrono>
#include <exception>
#include <format>
#include <limits>
#include <mutex>
#include <vector>

#include "base/units.h"
#include "interruptible.h"

namespace fovea::python {

namespace {

// Tiers write with low priority: on a busy machine a few hundred MiB take that long. A server that hangs is
// left alone sooner.
constexpr double close_seconds = 20;

void tell_what_is_left(StoreState& state, double seconds) {
  for (const TierStats& tier : state.tier_stats()) {
    const WriteBehindStats& queue = tier.write_behind;
    if (queue.entries == 0) continue;
    state.messages().add(std::format(
        "a store was closed when {} entries ({}) were still to be written to the {} tier, after {:g} s: they may "
        "be lost. Store.flush(timeout) waits longer, and says whether all is written",
        queue.entries, format_bytes(queue.bytes), to_string(tier.kind), seconds));
  }
}

// Whose stores are closed when it ends.
std::atomic<std::uint64_t> closed_at_exit_of = std::numeric_limits<std::uint64_t>::max();

// Those of this process. The lock is held for moments, and never while the GIL is given up.
std::mutex homes_mutex;
std::vector<std::weak_ptr<StoreHome>>& homes() {
  static auto* const all = new std::vector<std::weak_ptr<StoreHome>>;
  return *all;
}

}  // namespace

StoreHome::StoreHome(StoreSettings settings, std::shared_ptr<StoreState> state)
    : settings_(std::move(settings)), memory_bytes_(settings_.memory_bytes), state_(std::move(state)) {}

std::shared_ptr<StoreHome> StoreHome::make(StoreSettings settings, std::shared_ptr<StoreState> state) {
  close_at_exit();
  std::shared_ptr<StoreHome> home(new StoreHome(std::move(settings), std::move(state)));
  const std::lock_guard lock(homes_mutex);
  std::erase_if(homes(), [](const std::weak_ptr<StoreHome>& other) { return other.expired(); });
  homes().push_back(home);
  return home;
}

// What could not be opened a second time (a password file that is gone) is told, and the child goes on with
// its memory.
std::shared_ptr<StoreState> StoreHome::renewed() const {
  StoreSettings settings = settings_;
  settings.memory_bytes = memory_bytes_;
  if (auto state = StoreState::open(settings)) return *std::move(state);
  auto state = StoreState::open({.memory_bytes = settings.memory_bytes, .policy = settings.policy, .tiers = {}});
  return *std::move(state);
}

StoreHome::~StoreHome() {
  const nb::error_scope kept;
  try {
    close();
  } catch (nb::python_error& error) {
    error.discard_as_unraisable("fovea");
  } catch (const std::exception&) {  // an interpreter that is half gone: nobody is there to be told
  }
}

void StoreHome::close() { close(close_seconds); }

// Also where a call of another thread still uses the state.
void StoreHome::close(double seconds) {
  auto taken = state_.take();
  if (!taken) return;
  const StateUse state(std::move(taken));
  log_messages(*state);
  if (!state->has_tiers()) return;
  if (!wait_for_tiers(*state, seconds)) tell_what_is_left(*state, seconds);
  log_messages(*state);
}

bool wait_for_tiers(StoreState& state, double seconds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  const double slice = is_main_thread() ? std::chrono::duration<double>(signal_slice).count() : seconds;
  for (double left = seconds;;) {
    bool all = false;
    {
      const nb::gil_scoped_release released;
      all = state.flush(std::min(left, slice));
    }
    check_signals();
    if (all || left == 0) return all;
    left = std::max(std::chrono::duration<double>(until - std::chrono::steady_clock::now()).count(), 0.0);
  }
}

void close_at_exit() {
  const std::uint64_t process = fork_generation();
  if (closed_at_exit_of.load(std::memory_order_relaxed) == process) [[likely]]
    return;
  if (closed_at_exit_of.exchange(process) != process) nb::module_::import_("fovea._exit").attr("close_at_exit")();
}

void close_all() {
  std::vector<std::weak_ptr<StoreHome>> all;
  {
    const std::lock_guard lock(homes_mutex);
    all = homes();
  }
  for (const std::weak_ptr<StoreHome>& each : all) {
    if (const auto home = each.lock()) home->close();
  }
}

void log_messages(StoreState& state) {
  if (!state.messages().any()) return;
  try {
    const nb::object logger = nb::module_::import_("logging").attr("getLogger")("fovea");
    for (const std::string& sentence : state.messages().take()) logger.attr("warning")("%s", sentence);
  } catch (nb::python_error& error) {  // of a handler: what was stored or found is so all the same
    error.discard_as_unraisable("fovea");
  }
}

}  // namespace fovea::python
