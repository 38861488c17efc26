// set_with_replicas, write_with_replicas: writes that no failover may take back. Thread-safe, as their client
// is.
#pragma once

#include <span>
#include <string_view>

#include "fovea/result.h"
#include "tier/valkey/client.h"

namespace fovea::valkey {

// Sets `key` to `value`. On return every replica that follows has it, so that no failover brings the old one
// back. Faults: those of Client::run; unavailable, where a replica has not got it.
Result<void> set_with_replicas(Client& client, std::string_view key, std::string_view value, const Until& until);

// Runs `writes`, twice where there are replicas, so that each must have the same effect the second time. On
// return every replica that follows has them. Faults: as above.
Result<void> write_with_replicas(Client& client, std::span<const Command> writes, const Until& until);

// The first that failed; null where none did.
const Error* first_error(std::span<const Result<Reply>> results);

}  // namespace fovea::valkey
