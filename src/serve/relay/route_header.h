// check_route_header: whether a header may carry what a fleet behind a relay routes by. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "fovea/result.h"

namespace fovea::serve {

// The name in lower case, as requests have it.
// Faults: invalid for what is no header's name (RFC 9110, 5.1), and for a header with a meaning of its own:
// about the connection, the body, who asks, or one that is passed on as the client sent it.
Result<std::string> check_route_header(std::string_view name);

}  // namespace fovea::serve
