// fresh_id: unguessable ids for what the server makes: replies and files. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace fovea::serve {

// `prefix` and 32 hexadecimal digits (128 random bits): who was not given an id cannot find it.
std::string fresh_id(std::string_view prefix);

}  // namespace fovea::serve
