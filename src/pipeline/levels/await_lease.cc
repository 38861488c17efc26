#include "pipeline/levels/await_lease.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace fovea {

namespace {

using std::chrono::milliseconds;

// The shared tier is asked a hundred times at most for what takes ten seconds.
constexpr milliseconds pause_min{10};
constexpr milliseconds pause_max{250};

// False where `stop` came first.
bool slept(milliseconds pause, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, pause, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

Result<void> await_lease(Store& store, const Key& key, const Key& scope, const std::stop_token& stop) {
  auto wait = store.acquire_lease(key, scope);
  if (!wait) return {};
  const auto until = std::chrono::steady_clock::now() + *wait;
  for (milliseconds pause = pause_min; wait && std::chrono::steady_clock::now() < until;
       pause = std::min(pause * 3 / 2, pause_max)) {
    if (!slept(pause, stop)) return fail(Fault::cancelled, "stopped while another process encoded the picture");
    if (store.contains(key)) return {};
    wait = store.acquire_lease(key, scope);
  }
  return {};
}

}  // namespace fovea
