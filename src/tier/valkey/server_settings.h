// ServerSettings: what a server says of itself, as far as it matters to who keeps a cache there; LinkSpeed:
// how fast it is reached. For a person who looks for what is wrong. Plain values; the functions are
// thread-safe, as the client is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "fovea/result.h"
#include "tier/valkey/client.h"

namespace fovea::valkey {

// Its names and values, as the server writes them; what it did not tell is absent.
struct ServerSettings {
  std::map<std::string, std::string, std::less<>> config;  // maxmemory, maxmemory-policy, save, ...
  std::map<std::string, std::string, std::less<>> info;    // used_memory, role, evicted_keys, ...
  bool config_refused = false;                             // its user may not read them
  bool info_refused = false;

  std::optional<std::string_view> configured(std::string_view name) const;
  std::optional<std::string_view> told(std::string_view name) const;
};

// What `server` says. Where it lets its user read only a part, that part. Faults: those of Client::run_on,
// where it cannot be reached.
Result<ServerSettings> read_settings(Client& client, const Endpoint& server, const Until& until);

// The lines of a reply to INFO: "name:value". Others are left out.
std::map<std::string, std::string, std::less<>> parse_info(std::string_view text);

struct LinkSpeed {
  double round_trip_ms = 0;  // the median of some
  double bytes_per_ms = 0;   // of a value that is read; what takes no time to measure is very fast
};

// By a value of some megabytes that is written, read and removed again, or goes by itself after seconds.
// Faults: those of Client::run.
Result<LinkSpeed> measure_link(Client& client, const Until& until);

}  // namespace fovea::valkey
