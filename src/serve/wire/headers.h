// Headers: HTTP header fields, name and value, in their order.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace fovea::serve {

using Headers = std::vector<std::pair<std::string, std::string>>;

}  // namespace fovea::serve
