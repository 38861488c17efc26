// A setting is wrong where the cache then fails, or endangers what is beside it; it gets a warning where it
// costs time, or keeps longer what was purged.
#include "app/cache/server_checks.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <format>
#include <optional>
#include <string>

#include "base/units.h"

namespace fovea::app {

namespace {

constexpr double slow_round_trip_ms = 10;     // in one building it is below 1
constexpr double slow_bytes_per_ms = 10'000;  // 100 Mbit/s: an embedding of 150 KB takes 15 ms
constexpr std::size_t fleet_keys_usual = 1;

std::optional<std::uint64_t> number_of(std::optional<std::string_view> text) {
  std::uint64_t number = 0;
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  return error == std::errc{} && end == text->data() + text->size() ? std::optional(number) : std::nullopt;
}

Finding check_memory(const valkey::ServerSettings& settings) {
  const auto limit = number_of(settings.configured("maxmemory"));
  const auto used = number_of(settings.told("used_memory"));
  const std::string uses = used ? std::format("uses {}", format_bytes(*used)) : "";
  if (limit == 0) {
    return {Grade::wrong, std::format("maxmemory 0{}{}", uses.empty() ? "" : ", ", uses),
            "set maxmemory, to three quarters of the machine's memory say: without it the server grows until the "
            "machine ends it"};
  }
  const std::string evicted(settings.told("evicted_keys").value_or("?"));
  return {Grade::ok, std::format("maxmemory {}, {}, {} evicted", limit ? format_bytes(*limit) : "?", uses, evicted),
          ""};
}

Finding check_policy(std::string_view policy) {
  const std::string what = std::format("maxmemory-policy {}", policy);
  if (policy == "allkeys-lfu") return {Grade::ok, what, ""};
  if (policy.starts_with("allkeys-"))
    return {Grade::warning, what, "set maxmemory-policy allkeys-lfu: what is asked for often stays then"};
  return {Grade::wrong, what,
          "set maxmemory-policy allkeys-lfu: a full server refuses writes now, since Fovea's entries have no time to "
          "live"};
}

Finding check_persistence(const valkey::ServerSettings& settings) {
  const std::string_view save = settings.configured("save").value_or("");
  const bool appends = settings.configured("appendonly") == "yes";
  const std::string what = std::format("save \"{}\", appendonly {}", save, appends ? "yes" : "no");
  if (save.empty() && !appends) return {Grade::ok, what, ""};
  return {
      Grade::warning, what,
      "set save \"\" and appendonly no: it is a cache, and what was purged may come back with a snapshot or log that "
      "is older"};
}

Finding check_coverage(const valkey::ServerSettings& settings) {
  if (settings.configured("cluster-require-full-coverage") != "yes")
    return {Grade::ok, "cluster-require-full-coverage no", ""};
  return {Grade::warning, "cluster-require-full-coverage yes",
          "set it to no: one lost part of the cluster then costs its part alone, and not all"};
}

Finding check_role(std::string_view role, std::string_view replicas) {
  if (role == "master") return {Grade::ok, std::format("primary, {} replicas", replicas), ""};
  return {Grade::wrong, std::format("role {}", role),
          "name its primary, or all nodes of the cluster: a replica takes no writes"};
}

bool is_loopback(const valkey::Endpoint& endpoint) {
  return endpoint.host == "localhost" || endpoint.host == "::1" || endpoint.host.starts_with("127.");
}

}  // namespace

std::vector<Finding> check_settings(const valkey::Endpoint& server, const valkey::ServerSettings& settings) {
  std::vector<Finding> findings;
  if (settings.configured("maxmemory")) findings.push_back(check_memory(settings));
  if (const auto policy = settings.configured("maxmemory-policy")) findings.push_back(check_policy(*policy));
  if (settings.configured("save") || settings.configured("appendonly")) findings.push_back(check_persistence(settings));
  if (settings.configured("cluster-enabled") == "yes") findings.push_back(check_coverage(settings));
  if (const auto role = settings.told("role"))
    findings.push_back(check_role(*role, settings.told("connected_slaves").value_or("?")));
  if (settings.config_refused || settings.info_refused) {
    findings.push_back({Grade::warning,
                        std::format("its user may not read {}", settings.config_refused ? "its settings" : "INFO"),
                        "compare them with the table in docs/tiers.md by hand, or let a user of your own look: "
                        "+config|get +info"});
  }
  for (Finding& finding : findings) finding.what = valkey::to_string(server) + ": " + finding.what;
  return findings;
}

Finding check_speed(const valkey::LinkSpeed& speed) {
  const std::string what = std::format("{} a round trip, {}/s", format_ms(speed.round_trip_ms),
                                       format_bytes(static_cast<std::uint64_t>(speed.bytes_per_ms * 1000)));
  if (speed.round_trip_ms < slow_round_trip_ms && speed.bytes_per_ms > slow_bytes_per_ms) return {Grade::ok, what, ""};
  return {Grade::warning, what,
          "bring the server nearer: what is computed sooner than it is read from there is not kept there"};
}

Finding check_wire(const valkey::Address& address) {
  if (address.tls) return {Grade::ok, "TLS", ""};
  if (std::ranges::all_of(address.seeds, is_loopback)) return {Grade::ok, "no TLS, on this machine", ""};
  return {Grade::warning, "no TLS",
          "write valkeys://, unless nobody else can listen on the network: pictures can be rebuilt from embeddings"};
}

Finding check_key_file(const std::filesystem::path& file, std::size_t keys, bool readable_by_others) {
  const std::string what =
      std::format("fleet key in {}{}", file.string(), keys > fleet_keys_usual ? ", and the one before it" : "");
  if (readable_by_others)
    return {Grade::warning, what + ", which others can read",
            std::format("chmod 600 {}: who has the key can choose answers", file.string())};
  if (keys > fleet_keys_usual)
    return {Grade::warning, what, "take the old line away when everybody was started with the new one"};
  return {Grade::ok, what, ""};
}

}  // namespace fovea::app
