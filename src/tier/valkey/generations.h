// GenerationTable: the numbers in the shared tier that purging changes, one for each tenant and for each
// image of a tenant. An entry is worth something while it has the numbers of its labels.
//
// A number is random, never counted: one that the server lost is drawn anew, and equals no number that an
// entry has. So a server that evicts numbers, or starts empty, loses cache and revives nothing.
// Thread-safe, as its client is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/key.h"
#include "fovea/result.h"
#include "tier/valkey/client.h"

namespace fovea::valkey {

// What a tenant's, or an image's, number is found under. They tell neither of the two.
Key generation_label(const Key& tenant);
Key generation_label(const Key& tenant, const Key& image);

// 64 bits from the system's randomness.
std::uint64_t random_number();
// As 16 hexadecimal digits, and back; nullopt for anything else.
std::string digits_of(std::uint64_t number);
std::optional<std::uint64_t> number_of(std::string_view digits);

// The command that reads a label's number.
Command read_command(const Key& label);
// The number in its reply; nullopt where there is none, or something that is none.
std::optional<std::uint64_t> generation_in(const Reply& reply);

class GenerationTable {
 public:
  explicit GenerationTable(Client& client) : client_(client) {}

  // The numbers of `labels`, in order; those that are absent are drawn. Faults: those of Client::run.
  Result<std::vector<std::uint64_t>> read_or_draw(std::span<const Key> labels, const Until& until);

  // Draws a label's number anew. On return every replica that follows has it, so that no failover brings
  // the old one back. Faults: those of Client::run; unavailable, where a replica has not got it.
  Result<void> renew(const Key& label, const Until& until);

  // Removes every number, so that each is drawn anew. On return the replicas that follow have that too.
  // Faults: as renew; unavailable, where slots of a cluster moved meanwhile.
  Result<void> purge_all(const Until& until);

 private:
  Result<void> remove_all(const Until& until);

  Client& client_;
};

}  // namespace fovea::valkey
