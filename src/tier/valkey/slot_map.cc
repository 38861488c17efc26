// A map is taken as a whole or not at all: what is wrong in one range may be wrong in all.
#include "tier/valkey/slot_map.h"

#include <algorithm>
#include <charconv>
#include <format>

namespace fovea::valkey {

namespace {

// CRC-16/XMODEM, a byte at a time.
constexpr std::array<std::uint16_t, 256> crc_table = [] {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ ((crc & 0x8000) != 0 ? 0x1021U : 0U);
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}();

std::uint16_t crc16(std::string_view text) {
  std::uint16_t crc = 0;
  for (const char c : text)
    crc = static_cast<std::uint16_t>((crc << 8) ^ crc_table[(crc >> 8) ^ static_cast<unsigned char>(c)]);
  return crc;
}

std::string_view hashed_part(std::string_view key) {
  const std::size_t open = key.find('{');
  if (open == std::string_view::npos) return key;
  const std::size_t close = key.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

std::optional<std::uint16_t> slot_in(const Reply& reply) {
  const bool sound =
      reply.kind == Reply::Kind::integer && reply.integer >= 0 && reply.integer < static_cast<long long>(slots);
  return sound ? std::optional(static_cast<std::uint16_t>(reply.integer)) : std::nullopt;
}

// A node is [host, port, ...]; a host that is nil, empty or "?" is the one that was asked.
std::optional<Endpoint> endpoint_in(const Reply& node, const Endpoint& asked) {
  if (node.kind != Reply::Kind::array || node.items.size() < 2) return std::nullopt;
  const Reply &host = node.items[0], &port = node.items[1];
  if ((host.kind != Reply::Kind::value && host.kind != Reply::Kind::nil) || port.kind != Reply::Kind::integer ||
      port.integer < 1 || port.integer > 65535)
    return std::nullopt;
  const bool same = host.text().empty() || host.text() == "?";
  if (!same && !is_host(host.text())) return std::nullopt;
  return Endpoint{.host = same ? asked.host : std::string(host.text()),
                  .port = static_cast<std::uint16_t>(port.integer)};
}

}  // namespace

std::uint16_t slot_of(std::string_view key) { return crc16(hashed_part(key)) % slots; }

std::expected<SlotMap, std::string> SlotMap::parse(const Reply& reply, const Endpoint& asked) {
  if (reply.kind != Reply::Kind::array || reply.items.empty()) return std::unexpected("it has no slots");
  SlotMap map;
  for (const Reply& range : reply.items) {
    if (range.kind != Reply::Kind::array || range.items.size() < 3) return std::unexpected("a range without a node");
    const auto first = slot_in(range.items[0]), last = slot_in(range.items[1]);
    if (!first || !last || *first > *last) return std::unexpected("a range that is none");
    const auto endpoint = endpoint_in(range.items[2], asked);
    if (!endpoint) return std::unexpected("a node without an address");
    const std::uint16_t index = map.index_of(*endpoint);
    if (index == nobody) return std::unexpected(std::format("more than {} nodes", nodes_max));
    std::fill(map.owners_.begin() + *first, map.owners_.begin() + *last + 1, index);
  }
  return map;
}

std::optional<Endpoint> SlotMap::owner(std::uint16_t slot) const {
  if (slot >= owners_.size() || owners_[slot] == nobody) return std::nullopt;
  return nodes_[owners_[slot]];
}

void SlotMap::set_owner(std::uint16_t slot, const Endpoint& endpoint) {
  if (slot >= slots) return;
  if (const std::uint16_t index = index_of(endpoint); index != nobody) owners_[slot] = index;
}

std::uint16_t SlotMap::index_of(const Endpoint& endpoint) {
  if (owners_.empty()) owners_.assign(slots, nobody);
  const auto known = std::ranges::find(nodes_, endpoint);
  if (known == nodes_.end() && nodes_.size() == nodes_max) return nobody;
  const auto index = static_cast<std::uint16_t>(known - nodes_.begin());
  if (known == nodes_.end()) nodes_.push_back(endpoint);
  return index;
}

// "MOVED 3999 10.0.0.2:6381", "ASK 3999 ::1:6381"; an empty host is the one that was asked.
std::optional<Redirect> parse_redirect(std::string_view said, const Endpoint& asked) {
  const bool for_once = said.starts_with("ASK ");
  if (!for_once && !said.starts_with("MOVED ")) return std::nullopt;
  said.remove_prefix(for_once ? 4 : 6);
  Redirect redirect{.for_once = for_once};
  const auto [end, error] = std::from_chars(said.data(), said.data() + said.size(), redirect.slot);
  said.remove_prefix(static_cast<std::size_t>(end - said.data()));
  if (error != std::errc() || redirect.slot >= slots || !said.starts_with(' ')) return std::nullopt;
  said.remove_prefix(1);
  const std::size_t colon = said.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view host = said.substr(0, colon);
  redirect.endpoint = {.host = host.empty() ? asked.host : std::string(host),
                       .port = parse_port(said.substr(colon + 1))};
  if (redirect.endpoint.port == 0 || !is_host(redirect.endpoint.host)) return std::nullopt;
  return redirect;
}

}  // namespace fovea::valkey
