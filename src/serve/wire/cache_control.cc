#include "serve/wire/cache_control.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace fovea::serve {

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

CacheUse cache_use_of(std::string_view header) {
  CacheUse use;
  while (!header.empty()) {
    const std::size_t comma = std::min(header.find(','), header.size());
    const std::string_view directive = trimmed(header.substr(0, comma));
    header.remove_prefix(std::min(comma + 1, header.size()));
    const std::size_t equals = std::min(directive.find('='), directive.size());
    const std::string_view name = trimmed(directive.substr(0, equals));
    if (same_word(name, "no-cache")) use.read = false;
    if (same_word(name, "no-store")) use.write = false;
    if (same_word(name, "only-if-cached")) use.only_stored = true;
    if (!same_word(name, "max-age") || equals == directive.size()) continue;
    std::string_view value = trimmed(directive.substr(equals + 1));
    if (value.size() > 1 && value.starts_with('"') && value.ends_with('"')) value = value.substr(1, value.size() - 2);
    std::uint32_t seconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (error == std::errc() && end == value.data() + value.size()) use.age_max_s = seconds;
  }
  return use;
}

Refusal refusal_of(const Error& error, const CacheUse& use) {
  if (use.only_stored && error.fault == Fault::not_found) return {504, error.message, {}, "not_stored"};
  return refusal_of(error);
}

}  // namespace fovea::serve
