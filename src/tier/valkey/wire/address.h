// Address: where the shared tier's servers are, as an operator writes it, and the password that opens them;
// Endpoint: one of them. Plain values.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/result.h"

namespace fovea::valkey {

struct Endpoint {
  std::string host;  // a name or a numeric address, without brackets
  std::uint16_t port = 6379;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// "host:6379", "[::1]:6379".
std::string to_string(const Endpoint& endpoint);

// `text` as a port; 0 where it is none.
std::uint16_t parse_port(std::string_view text);

// Whether `text` can be a host's name or numeric address: it is asked of what a server says, too.
bool is_host(std::string_view text);

struct Address {
  static constexpr std::size_t seeds_max = 32;  // any of a cluster's nodes names the others

  bool tls = false;
  std::string user;             // empty = the server's default user
  std::vector<Endpoint> seeds;  // several: nodes of one Cluster

  // valkey://[user@]host[:port][,host[:port]...], redis:// as another spelling, valkeys:// and rediss://
  // for TLS. Faults: invalid, with what to write instead. The message repeats neither a password nor what
  // may be one.
  static Result<Address> parse(std::string_view text);
};

// The first line of `file`; where that is empty, what the environment has as FOVEA_VALKEY_PASSWORD, or
// nothing. Faults: not_found, where the file cannot be read or has no line.
Result<std::string> read_password(const std::filesystem::path& file);

}  // namespace fovea::valkey
