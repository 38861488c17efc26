// SPDX-License-Identifier: Apache-2.0

#include "store_home.h"

#include <mutex>
#include <vector>

namespace fovea::python {

namespace {

constexpr double flush_seconds = 5;  // a few hundred MiB reach any disk by then

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

void StoreHome::close() {
  auto state = state_.take();
  if (!state) return;
  log_messages(*state);
  if (!state->has_tiers()) return;
  const nb::gil_scoped_release released;
  state->flush(flush_seconds);  // also where a call of another thread still uses it
  state.reset();
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
