// is_public: whether an address is one of the public internet, so that a server that fetches clients' URLs
// cannot be made to fetch from its own machine, its own network or its cloud's metadata service. Pure
// functions.
#pragma once

#include <sys/socket.h>

#include <span>
#include <string>

namespace fovea {

// False for all blocks of IANA's special-purpose registries of IPv4 and IPv6: loopback, private, link-local,
// shared (carrier NAT), unique local, multicast, unspecified, documentation, benchmarking, reserved. An IPv6
// address that carries an IPv4 address (mapped, NAT64, 6to4) is as public as that one. False also for other
// families, and for fewer bytes than the address's family has.
bool is_public(std::span<const std::byte> socket_address);

// The address as people write it, without a port; "an unknown address" where it is neither IPv4 nor IPv6.
std::string to_text(std::span<const std::byte> socket_address);

// The bytes of a socket address, for the functions above.
template <typename SocketAddress>
std::span<const std::byte> bytes_of(const SocketAddress& address) {
  return std::as_bytes(std::span(&address, 1));
}

}  // namespace fovea
