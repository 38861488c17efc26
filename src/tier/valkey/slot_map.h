// SlotMap: which node of a cluster has which of its 16,384 slots; Redirect: a node's word that another one
// has it.
//
// Both come from servers and are read with suspicion. A plain value, and pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tier/valkey/wire/address.h"
#include "tier/valkey/wire/reply.h"

namespace fovea::valkey {

constexpr std::size_t slots = 16384;

// The slot of a key: CRC16 of it, or of what stands between its first { and the } behind it where that is
// not empty (Valkey Cluster Specification, "Key distribution model", "Hash tags").
std::uint16_t slot_of(std::string_view key);

class SlotMap {
 public:
  static constexpr std::size_t nodes_max = 1024;  // above the largest clusters that there are

  // `reply` of CLUSTER SLOTS, which `asked` gave; a node without a host of its own is reached at that of
  // `asked`. The error says what is wrong with it.
  static std::expected<SlotMap, std::string> parse(const Reply& reply, const Endpoint& asked);

  // nullopt where nobody is known to have it.
  std::optional<Endpoint> owner(std::uint16_t slot) const;
  // No change where nodes_max are known already.
  void set_owner(std::uint16_t slot, const Endpoint& endpoint);

  // Those that have slots, or had some.
  const std::vector<Endpoint>& nodes() const { return nodes_; }

  // Whether servers that name their slots in the same order say the same.
  friend bool operator==(const SlotMap&, const SlotMap&) = default;

 private:
  static constexpr std::uint16_t nobody = 0xffff;

  std::uint16_t index_of(const Endpoint& endpoint);

  std::vector<Endpoint> nodes_;
  std::vector<std::uint16_t> owners_;  // indexes into the nodes; empty before anything is known
};

struct Redirect {
  bool for_once;  // ASK: the slot is on its way there; otherwise MOVED: it is there
  std::uint16_t slot;
  Endpoint endpoint;

  friend bool operator==(const Redirect&, const Redirect&) = default;
};

// Of an error reply that `asked` gave; nullopt where it is none, or no sound one.
std::optional<Redirect> parse_redirect(std::string_view said, const Endpoint& asked);

}  // namespace fovea::valkey
