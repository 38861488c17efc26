// Prices that providers publish for tokens, each with where and when it was read. A table goes out of date:
// who knows a price gives it by flag.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "audit/findings.h"

namespace fovea {

// The prices of the model that a provider calls `name`; nullopt where the table has none.
std::optional<AuditPrices> price_of(std::string_view name);

// All names, with commas between.
std::string price_names();

}  // namespace fovea
