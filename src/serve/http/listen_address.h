// check_listen_address: whether a server can listen on an address, asked before Drogon does: Drogon ends the
// process where it cannot.
#pragma once

#include <cstdint>
#include <string>

#include "fovea/result.h"

namespace fovea::serve {

// Faults: invalid, where `host` is no IP address; unavailable, where the address or port cannot be bound (in
// use, not this machine's, no permission). Port 0 is any free one.
Result<void> check_listen_address(const std::string& host, std::uint16_t port);

}  // namespace fovea::serve
