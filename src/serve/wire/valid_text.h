// valid_text: what a client sent, or a model wrote in part of a character, as text that may stand in JSON.
#pragma once

#include <string>
#include <string_view>

namespace fovea::serve {

// `bytes` with U+FFFD in place of what is no UTF-8.
std::string valid_text(std::string_view bytes);

}  // namespace fovea::serve
