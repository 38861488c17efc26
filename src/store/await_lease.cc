#include "store/await_lease.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace fovea {

namespace {

using std::chrono::milliseconds;

// Some fifty questions to the shared tier for what takes ten seconds.
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

Result<std::optional<Record>> await_lease(Store& store, const Key& key, const Key& scope, const std::stop_token& stop,
                                          std::chrono::steady_clock::time_point until) {
  for (milliseconds pause = pause_min; std::chrono::steady_clock::now() < until;
       pause = std::min(pause * 3 / 2, pause_max)) {
    Store::LeaseAnswer answer = store.acquire_lease(key, scope);
    if (answer.record || !answer.wait) return std::move(answer.record);
    if (!slept(pause, stop)) return fail(Fault::cancelled, "stopped while another process computed the value");
  }
  return std::nullopt;
}

}  // namespace fovea
