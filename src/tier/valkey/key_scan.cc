// A place is "server cursor", both numbers: the how manieth server is asked, and what its last reply to SCAN
// named. Servers that join or leave meanwhile shift the numbers, so that keys are seen twice or not.
#include "tier/valkey/key_scan.h"

#include <charconv>
#include <cstring>
#include <format>
#include <memory>
#include <string>

namespace fovea::valkey {

namespace {

struct Place {
  std::size_t server = 0;
  std::uint64_t cursor = 0;
};

std::optional<Place> place_in(std::string_view text) {
  if (text.empty()) return Place{};
  Place place;
  const char* const begin = std::to_address(text.begin());
  const char* const end = begin + text.size();
  const auto server = std::from_chars(begin, end, place.server);
  if (server.ec != std::errc() || server.ptr == end || *server.ptr != ' ') return std::nullopt;
  const auto cursor = std::from_chars(server.ptr + 1, end, place.cursor);
  return cursor.ec == std::errc() && cursor.ptr == end ? std::optional(place) : std::nullopt;
}

std::optional<Key> key_in(std::string_view name, std::string_view prefix) {
  Key key;
  if (!name.starts_with(prefix) || name.size() != prefix.size() + key.bytes.size()) return std::nullopt;
  std::memcpy(key.bytes.data(), name.data() + prefix.size(), key.bytes.size());
  return key;
}

}  // namespace

Result<Tier::KeyPage> scan_keys(Client& client, std::string_view prefix, std::string_view from, const Until& until) {
  auto place = place_in(from);
  if (!place) return fail(Fault::invalid, "no page of keys begins there");
  const std::vector<Endpoint> servers = client.servers(until);
  Tier::KeyPage page;
  if (place->server >= servers.size()) return page;
  const Command scan = command_of(
      Expect::array, "", {"SCAN", std::to_string(place->cursor), "MATCH", std::string(prefix) + "*", "COUNT", "1000"});
  auto reply = client.run_on(servers[place->server], scan, until);
  if (!reply) return std::unexpected(std::move(reply.error()));
  const bool is_page = reply->items.size() == 2 && reply->items[1].kind == Reply::Kind::array;
  const auto next = is_page ? place_in(std::format("{} {}", place->server, reply->items[0].text())) : std::nullopt;
  if (!next) return fail(Fault::unavailable, "the server's list of keys is none");
  for (const Reply& name : reply->items[1].items) {
    if (const auto key = key_in(name.text(), prefix)) page.keys.push_back(*key);
  }
  place = next->cursor != 0 ? *next : Place{place->server + 1, 0};
  if (place->server < servers.size()) page.next = std::format("{} {}", place->server, place->cursor);
  return page;
}

}  // namespace fovea::valkey
