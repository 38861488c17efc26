// Each setting is asked for by itself: servers before version 7 take one name a command. A user that may not
// read them is the safer one, so a refusal is a finding and no fault.
#include "tier/valkey/server_settings.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <format>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "tier/valkey/generations.h"

namespace fovea::valkey {

namespace {

using Texts = std::map<std::string, std::string, std::less<>>;

constexpr std::array names = {"maxmemory",  "maxmemory-policy", "save",
                              "appendonly", "cluster-enabled",  "cluster-require-full-coverage"};
constexpr std::array sections = {"server", "memory", "stats", "replication"};
constexpr std::size_t round_trips = 9;
constexpr std::size_t probe_reads = 3;
constexpr std::size_t probe_bytes = 4 << 20;              // some milliseconds on a fast network
constexpr std::chrono::milliseconds probe_lives{10'000};  // if nobody removes it

// A server that was reached and says no: it has another reason than the network.
bool is_refusal(const Error& error) {
  return error.message.contains("it said: ") || error.message.contains("refused a command");
}

std::optional<std::string_view> found(const Texts& texts, std::string_view name) {
  const auto at = texts.find(name);
  return at == texts.end() ? std::nullopt : std::optional<std::string_view>(at->second);
}

Result<void> read_config(Client& client, const Endpoint& server, const Until& until, ServerSettings& settings) {
  for (const char* name : names) {
    const auto reply = client.run_on(server, command_of(Expect::array, "", {"CONFIG", "GET", name}), until);
    if (!reply && !is_refusal(reply.error())) return std::unexpected(reply.error());
    if (!reply) {
      settings.config_refused = true;
      return {};
    }
    if (reply->items.size() == 2) settings.config[std::string(name)] = reply->items[1].text();
  }
  return {};
}

Result<void> read_info(Client& client, const Endpoint& server, const Until& until, ServerSettings& settings) {
  for (const char* section : sections) {
    const auto reply = client.run_on(server, command_of(Expect::value, "", {"INFO", section}), until);
    if (!reply && !is_refusal(reply.error())) return std::unexpected(reply.error());
    if (!reply) {
      settings.info_refused = true;
      return {};
    }
    settings.info.merge(parse_info(reply->text()));
  }
  return {};
}

Result<double> timed(Client& client, const Command& command, const Until& until) {
  const Stopwatch watch;
  const auto replies = client.run(std::span(&command, 1), until);
  if (!replies.front()) return std::unexpected(replies.front().error());
  return watch.elapsed_ms();
}

}  // namespace

std::optional<std::string_view> ServerSettings::configured(std::string_view name) const { return found(config, name); }
std::optional<std::string_view> ServerSettings::told(std::string_view name) const { return found(info, name); }

Texts parse_info(std::string_view text) {
  Texts lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t colon = line.find(':');
    if (line.starts_with('#') || colon == std::string_view::npos) continue;
    lines.emplace(line.substr(0, colon), line.substr(colon + 1));
  }
  return lines;
}

Result<ServerSettings> read_settings(Client& client, const Endpoint& server, const Until& until) {
  ServerSettings settings;
  if (auto read = read_config(client, server, until, settings); !read) return std::unexpected(read.error());
  if (auto read = read_info(client, server, until, settings); !read) return std::unexpected(read.error());
  return settings;
}

Result<LinkSpeed> measure_link(Client& client, const Until& until) {
  const std::string name = "fovea:1:doctor:" + digits_of(random_number());
  const std::vector<std::byte> body(probe_bytes);
  const Command set = set_command(name, {}, body, probe_lives);
  const Command get = command_of(Expect::value, name, {"GET", name});
  const Command unlink = command_of(Expect::integer, name, {"UNLINK", name});
  std::vector<double> trips;
  for (std::size_t i = 0; i < round_trips; ++i) {
    const auto took = timed(client, get, until);
    if (!took) return std::unexpected(took.error());
    trips.push_back(*took);
  }
  std::ranges::nth_element(trips, trips.begin() + round_trips / 2);
  LinkSpeed speed{.round_trip_ms = trips[round_trips / 2]};
  if (const auto written = timed(client, set, until); !written) return std::unexpected(written.error());
  double fastest_ms = std::numeric_limits<double>::max();
  for (std::size_t i = 0; i < probe_reads; ++i) {
    const auto took = timed(client, get, until);
    if (!took) return std::unexpected(took.error());
    fastest_ms = std::min(fastest_ms, *took);
  }
  client.run(std::span(&unlink, 1), until);
  constexpr double shortest_ms = 0.001;
  speed.bytes_per_ms = probe_bytes / std::max(fastest_ms - speed.round_trip_ms, shortest_ms);
  return speed;
}

}  // namespace fovea::valkey
