// fresh_id: names for what the server makes: replies and files.
#pragma once

#include <string>
#include <string_view>

namespace fovea::serve {

// `prefix` and 32 hexadecimal digits that nobody can guess: whoever has not been told an id does not find it.
std::string fresh_id(std::string_view prefix);

}  // namespace fovea::serve
