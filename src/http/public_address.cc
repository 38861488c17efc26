// IPv4: the list names the blocks that are not public. IPv6: only 2000::/3 is allocated, and the list names
// the special blocks in it. A registry may mark a few addresses inside a special block as reachable
// (192.0.0.9, 2001:1::1). The whole block is refused all the same: those addresses are services of the
// network itself and serve no images.
#include "http/public_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

namespace fovea {

namespace {

using Ipv4 = std::uint32_t;  // in the order in which it is written: 127.0.0.1 is 0x7f000001
using Ipv6 = std::array<std::uint8_t, 16>;

struct Ipv4Block {
  Ipv4 start;
  int bits;
};

constexpr Ipv4 ipv4(Ipv4 a, Ipv4 b, Ipv4 c, Ipv4 d) { return a << 24 | b << 16 | c << 8 | d; }

constexpr Ipv4Block special_ipv4[] = {
    {ipv4(0, 0, 0, 0), 8},        // this network (RFC 791)
    {ipv4(10, 0, 0, 0), 8},       // private (RFC 1918)
    {ipv4(100, 64, 0, 0), 10},    // shared, behind a carrier's NAT (RFC 6598)
    {ipv4(127, 0, 0, 0), 8},      // loopback (RFC 1122)
    {ipv4(169, 254, 0, 0), 16},   // link-local (RFC 3927): clouds serve their machines' credentials there
    {ipv4(172, 16, 0, 0), 12},    // private (RFC 1918)
    {ipv4(192, 0, 0, 0), 24},     // protocol assignments (RFC 6890)
    {ipv4(192, 0, 2, 0), 24},     // documentation (RFC 5737)
    {ipv4(192, 88, 99, 0), 24},   // 6to4 relays, given up (RFC 7526)
    {ipv4(192, 168, 0, 0), 16},   // private (RFC 1918)
    {ipv4(198, 18, 0, 0), 15},    // benchmarking (RFC 2544)
    {ipv4(198, 51, 100, 0), 24},  // documentation (RFC 5737)
    {ipv4(203, 0, 113, 0), 24},   // documentation (RFC 5737)
    {ipv4(224, 0, 0, 0), 4},      // multicast (RFC 5771)
    {ipv4(240, 0, 0, 0), 4},      // reserved, and broadcast (RFC 1112, RFC 919)
};

bool is_public(Ipv4 address) {
  return std::ranges::none_of(special_ipv4, [&](const Ipv4Block& block) {
    const int rest = 32 - block.bits;
    return address >> rest == block.start >> rest;
  });
}

struct Ipv6Block {
  Ipv6 start;
  std::size_t bits;

  bool holds(const Ipv6& address) const {
    for (std::size_t bit = 0; bit < bits; ++bit) {
      const auto mask = static_cast<std::uint8_t>(0x80 >> bit % 8);
      if ((address[bit / 8] ^ start[bit / 8]) & mask) return false;
    }
    return true;
  }
};

constexpr Ipv6Block global_unicast{{0x20}, 3};  // RFC 4291: outside of it lie ::1, fc00::/7, fe80::/10, ff00::/8 ...
constexpr Ipv6Block special_ipv6[] = {
    {{0x20, 0x01}, 23},              // protocol assignments (RFC 2928): Teredo, benchmarking, ORCHID
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation (RFC 3849)
    {{0x3f, 0xff}, 20},              // documentation (RFC 9637)
};

// Blocks whose addresses carry an IPv4 address, and behind how many bytes.
struct Ipv4Carrier {
  Ipv6Block block;
  std::size_t at;
};

constexpr Ipv4Carrier ipv4_carriers[] = {
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, 12},  // mapped (RFC 4291)
    {{{0x00, 0x64, 0xff, 0x9b}, 96}, 12},                    // NAT64 (RFC 6052)
    {{{0x20, 0x02}, 16}, 2},                                 // 6to4 (RFC 3056)
};

bool is_public(const Ipv6& address) {
  for (const auto& [block, at] : ipv4_carriers) {
    if (block.holds(address)) return is_public(ipv4(address[at], address[at + 1], address[at + 2], address[at + 3]));
  }
  return global_unicast.holds(address) &&
         std::ranges::none_of(special_ipv6, [&](const Ipv6Block& block) { return block.holds(address); });
}

// The socket address as a struct of its family; nullopt where it is of another family, or too short.
template <typename SocketAddress>
std::optional<SocketAddress> as(std::span<const std::byte> bytes, sa_family_t family) {
  SocketAddress address{};
  sa_family_t stated = AF_UNSPEC;
  constexpr std::size_t family_at = offsetof(sockaddr, sa_family);
  if (bytes.size() < sizeof address) return std::nullopt;
  std::memcpy(&stated, bytes.data() + family_at, sizeof stated);
  if (stated != family) return std::nullopt;
  std::memcpy(&address, bytes.data(), sizeof address);
  return address;
}

}  // namespace

bool is_public(std::span<const std::byte> socket_address) {
  if (const auto v4 = as<sockaddr_in>(socket_address, AF_INET)) return is_public(Ipv4{ntohl(v4->sin_addr.s_addr)});
  if (const auto v6 = as<sockaddr_in6>(socket_address, AF_INET6)) {
    Ipv6 address;
    std::memcpy(address.data(), &v6->sin6_addr, address.size());
    return is_public(address);
  }
  return false;
}

std::string to_text(std::span<const std::byte> socket_address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (const auto v4 = as<sockaddr_in>(socket_address, AF_INET)) {
    inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
  } else if (const auto v6 = as<sockaddr_in6>(socket_address, AF_INET6)) {
    inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
  } else {
    return "an unknown address";
  }
  return text.data();
}

}  // namespace fovea
