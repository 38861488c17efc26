// server_error: a server's refusal as an Error that tells its operator what to do. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "fovea/result.h"
#include "tier/valkey/wire/address.h"

namespace fovea::valkey {

// Of the error reply `said`, such as "OOM command not allowed ...". Its fault is unavailable: a cache that
// cannot be asked is a slow miss, whatever the reason.
Error server_error(const Endpoint& endpoint, std::string_view said);

// What a server said, fit for a message: one line of bounded length, printable.
std::string quoted(std::string_view said);

}  // namespace fovea::valkey
