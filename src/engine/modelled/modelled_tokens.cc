// Bit 30 of a number tells ASCII from the rest. ASCII: bits 28 and 29 are the length less one, below them are
// seven bits a character. Other bytes: bit 28 is clear, bits 24 and 25 are the length less one, below them
// are eight bits a byte. Control tokens: bit 28 is set, below it is which one.
#include "engine/modelled/modelled_tokens.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace fovea {

namespace {

constexpr std::int32_t other_bytes = 1 << 30;
constexpr std::int32_t control = other_bytes | (1 << 28);
constexpr std::array control_texts = {turn_begin, turn_end};
constexpr std::size_t ascii_max = 4, bytes_max = 3;

unsigned byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// Where words, lines and tags begin.
bool begins_token(char c) { return c == ' ' || c == '\n' || c == '<'; }

// How much of the text is one token.
std::size_t ascii_length(std::string_view text) {
  std::size_t length = 1;
  while (length < std::min(ascii_max, text.size()) && is_ascii(text[length]) && !begins_token(text[length])) ++length;
  return length;
}

std::size_t bytes_length(std::string_view text) {
  std::size_t length = 1;
  while (length < std::min(bytes_max, text.size()) && !is_ascii(text[length])) ++length;
  return length;
}

std::int32_t bytes_token(std::string_view text) {
  std::uint32_t token = static_cast<std::uint32_t>(text.size() - 1) << 24U;
  for (std::size_t i = 0; i < text.size(); ++i) token |= byte_at(text, i) << 8U * i;
  return other_bytes | static_cast<std::int32_t>(token);
}

}  // namespace

std::int32_t ascii_token(std::string_view text) {
  check(!text.empty() && text.size() <= ascii_max && std::ranges::all_of(text, is_ascii), "a token's text is short");
  std::uint32_t token = static_cast<std::uint32_t>(text.size() - 1) << 28U;
  for (std::size_t i = 0; i < text.size(); ++i) token |= byte_at(text, i) << 7U * i;
  return static_cast<std::int32_t>(token);
}

std::vector<std::int32_t> modelled_tokens(std::string_view text, bool control_tokens) {
  std::vector<std::int32_t> tokens;
  const auto begins = [&](std::string_view what) { return control_tokens && text.starts_with(what); };
  while (!text.empty()) {
    const auto named = std::ranges::find_if(control_texts, begins);
    const std::size_t length = named != control_texts.end() ? named->size()
                               : is_ascii(text.front())     ? ascii_length(text)
                                                            : bytes_length(text);
    if (named != control_texts.end())
      tokens.push_back(control | static_cast<std::int32_t>(named - control_texts.begin()));
    else
      tokens.push_back(is_ascii(text.front()) ? ascii_token(text.substr(0, length))
                                              : bytes_token(text.substr(0, length)));
    text.remove_prefix(length);
  }
  return tokens;
}

bool is_control_token(std::int32_t token) {
  return token >= control && token < control + static_cast<std::int32_t>(control_texts.size());
}

std::string modelled_token_text(std::int32_t token) {
  if (token < 0) return {};
  if (is_control_token(token)) return std::string(control_texts[static_cast<std::size_t>(token - control)]);
  const auto bits = static_cast<std::uint32_t>(token);
  const bool ascii = token < other_bytes;
  const std::size_t length = (bits >> (ascii ? 28U : 24U)) % 4 + 1;
  if (!ascii && (token >= control || length > bytes_max)) return {};
  const unsigned width = ascii ? 7 : 8;
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += static_cast<char>((bits >> width * i) & ((1U << width) - 1));
  return text;
}

}  // namespace fovea
