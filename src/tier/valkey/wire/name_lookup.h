// NameLookup: the network addresses of one endpoint, with a deadline, which the system's own look-up lacks.
//
// A numeric address is known at once. A name is looked up on a thread that outlives a caller who gives up,
// one at a time, and its answer is kept for a while. Thread-safe.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "fovea/result.h"
#include "tier/valkey/wire/address.h"
#include "tier/valkey/wire/until.h"

namespace fovea::valkey {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t bytes = 0;
};

// Blocks for as long as it takes. Faults: unavailable.
using Resolve = std::function<Result<std::vector<SocketAddress>>(const Endpoint& endpoint)>;
Result<std::vector<SocketAddress>> resolve_with_system(const Endpoint& endpoint);

class NameLookup {
 public:
  static constexpr std::chrono::seconds kept{30};

  explicit NameLookup(Endpoint endpoint, Resolve resolve = resolve_with_system);

  // One at least. Faults: unavailable (no such name); timed_out; cancelled.
  Result<std::vector<SocketAddress>> addresses(const Until& until);

  // The next call looks up again: nobody answers at what was found.
  void expire();

 private:
  struct State;  // shared with the thread that looks up
  std::shared_ptr<State> state_;
};

}  // namespace fovea::valkey
