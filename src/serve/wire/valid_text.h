// valid_text: any bytes as UTF-8 that can be put into JSON: what a client sent, or a token that is part of a
// character. A pure function.
#pragma once

#include <string>
#include <string_view>

namespace fovea::serve {

// `bytes`, with U+FFFD in place of invalid UTF-8.
std::string valid_text(std::string_view bytes);

}  // namespace fovea::serve
