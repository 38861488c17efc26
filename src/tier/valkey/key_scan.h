// scan_keys: the names that begin alike in all servers, page by page.
#pragma once

#include <string_view>

#include "store/tier.h"
#include "tier/valkey/client.h"

namespace fovea::valkey {

// The keys whose names are `prefix` and 32 bytes, from the place `from` that the page before named, or "".
// A page may be empty and not the last. Faults: those of Client::run; invalid, for a place that no page
// named.
Result<Tier::KeyPage> scan_keys(Client& client, std::string_view prefix, std::string_view from, const Until& until);

}  // namespace fovea::valkey
