// getaddrinfo can neither be given a deadline nor be stopped, so it runs on a thread that is left behind
// when its caller gives up. What it writes to is shared with it, and at most one runs for an endpoint.
#include "tier/valkey/wire/name_lookup.h"

#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <format>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "base/owned.h"

namespace fovea::valkey {

namespace {

Result<std::vector<SocketAddress>> look_up(const Endpoint& endpoint, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &list);
  const Owned<addrinfo, freeaddrinfo> owned(error == 0 ? list : nullptr);
  std::vector<SocketAddress> found;
  for (const addrinfo* one = owned.get(); one != nullptr; one = one->ai_next) {
    if (one->ai_addrlen > sizeof(sockaddr_storage)) continue;
    std::memcpy(&found.emplace_back().storage, one->ai_addr, one->ai_addrlen);
    found.back().bytes = one->ai_addrlen;
  }
  if (!found.empty()) return found;
  return fail(Fault::unavailable,
              std::format("{}: no such host is known ({})", to_string(endpoint), gai_strerror(error)));
}

}  // namespace

struct NameLookup::State {
  const Endpoint endpoint;
  const Resolve resolve;
  Mutex mutex;
  std::condition_variable_any done;
  bool running FOVEA_GUARDED_BY(mutex) = false;
  bool numeric FOVEA_GUARDED_BY(mutex) = false;  // `found` is for good
  std::optional<Result<std::vector<SocketAddress>>> found FOVEA_GUARDED_BY(mutex);
  Until::Time found_at FOVEA_GUARDED_BY(mutex);

  State(Endpoint of, Resolve how) : endpoint(std::move(of)), resolve(std::move(how)) {}

  void run() {
    auto result = resolve(endpoint);
    MutexLock lock(mutex);
    found = std::move(result);
    found_at = std::chrono::steady_clock::now();
    running = false;
    done.notify_all();
  }
};

Result<std::vector<SocketAddress>> resolve_with_system(const Endpoint& endpoint) {
  return look_up(endpoint, AI_ADDRCONFIG);
}

NameLookup::NameLookup(Endpoint endpoint, Resolve resolve)
    : state_(std::make_shared<State>(std::move(endpoint), std::move(resolve))) {
  auto numeric = look_up(state_->endpoint, AI_NUMERICHOST);
  if (!numeric) return;
  MutexLock lock(state_->mutex);
  state_->found = std::move(numeric);
  state_->numeric = true;
}

Result<std::vector<SocketAddress>> NameLookup::addresses(const Until& until) {
  State& state = *state_;
  MutexLock lock(state.mutex);
  const bool fresh =
      state.found &&
      (state.numeric || (state.found->has_value() && std::chrono::steady_clock::now() - state.found_at < kept));
  if (fresh) return *state.found;
  if (!state.running) {
    state.found.reset();
    try {
      std::thread([shared = state_] { shared->run(); }).detach();
    } catch (const std::system_error& error) {
      return fail(Fault::unavailable, std::format("no thread to look up a name with: {}", error.what()));
    }
    state.running = true;
  }
  state.done.wait_until(state.mutex, until.stop, until.deadline,
                        [&]() FOVEA_REQUIRES(state.mutex) { return !state.running; });
  if (!state.running && state.found) return *state.found;
  if (until.stop.stop_requested()) return fail(Fault::cancelled, "the caller stopped waiting for the shared tier");
  return fail(Fault::timed_out, std::format("the name {} was not found in time: check the name server, or write the "
                                            "numeric address",
                                            state.endpoint.host));
}

void NameLookup::expire() {
  MutexLock lock(state_->mutex);
  if (!state_->numeric && !state_->running) state_->found.reset();
}

}  // namespace fovea::valkey
