// The tokens of a modelled engine: up to four characters of ASCII each, or three bytes of anything else. A
// token's number has its bytes in it, so there is no vocabulary to load, and no two texts have the same
// tokens. English has about as many of them as with real vocabularies. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fovea {

inline constexpr std::int32_t modelled_vocabulary = (1 << 30) + (1 << 29);  // tokens' numbers are below it

// Control tokens begin and end a message.
inline constexpr std::string_view turn_begin = "<|im_start|>";
inline constexpr std::string_view turn_end = "<|im_end|>";
// No token has more bytes.
inline constexpr std::size_t modelled_token_bytes_max = turn_begin.size();

// `control_tokens`: their texts stand for them; otherwise these are plain characters.
std::vector<std::int32_t> modelled_tokens(std::string_view text, bool control_tokens);

// The bytes of a token, and of a control token what it is written as. Empty for a number that is no token.
std::string modelled_token_text(std::int32_t token);
bool is_control_token(std::int32_t token);

// The token of up to four characters of ASCII. REQUIRES: 1 to 4 of them.
std::int32_t ascii_token(std::string_view text);

}  // namespace fovea
