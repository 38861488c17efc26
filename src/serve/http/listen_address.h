// check_listen_address: whether a server can listen on an address, asked before Drogon does: Drogon ends the
// process where it cannot. is_listened_on: whether it does.
#pragma once

#include <trantor/net/InetAddress.h>

#include <cstdint>
#include <string>

#include "fovea/result.h"

namespace fovea::serve {

// Faults: invalid, where `host` is no IP address; unavailable, where the address or port cannot be bound (in
// use, not this machine's, no permission). Port 0 is any free one.
Result<void> check_listen_address(const std::string& host, std::uint16_t port);

// Whether somebody listens on `address`, found by connecting. An address of all interfaces is asked on the
// loopback one. One that does not answer in a moment, behind a firewall say, counts as listened on: it does
// not refuse.
bool is_listened_on(const trantor::InetAddress& address);

}  // namespace fovea::serve
