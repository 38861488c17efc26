#include "audit/log/client_name.h"

#include <algorithm>
#include <array>
#include <format>

#include "audit/log/content/content_hash.h"

namespace fovea {

namespace {

constexpr std::size_t name_bytes_max = 72;   // longer ones are shortened
constexpr std::size_t shortened_bytes = 64;  // so that one that was stays as it is

// As providers begin theirs.
bool looks_like_key(std::string_view name) {
  constexpr auto beginnings = std::to_array<std::string_view>(
      {"sk-", "Bearer ", "bearer ", "gsk_", "hf_", "xai-", "AIza", "pk-", "key-", "eyJ"});
  return name.size() >= 16 && std::ranges::any_of(beginnings, [&](auto begin) { return name.starts_with(begin); });
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// At most `bytes` of it, not within a character.
std::string_view shortened(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

std::string client_name(std::string_view written) {
  if (looks_like_key(written)) return hashed_key(written);
  std::string name(written.size() <= name_bytes_max ? written : shortened(written, shortened_bytes));
  std::ranges::replace_if(name, is_control, ' ');
  // Two long names may begin alike.
  if (name.size() < written.size())
    name += std::format("~{:04x}", content_hash(ContentKind::api_key, written) & 0xffff);
  return name;
}

std::string hashed_key(std::string_view authorization) {
  for (const std::string_view scheme : {"Bearer ", "bearer "}) {
    if (authorization.starts_with(scheme)) authorization.remove_prefix(scheme.size());
  }
  if (authorization.empty()) return {};
  return std::format("key:{:08x}", content_hash(ContentKind::api_key, authorization) >> 32);
}

std::string route_name(std::string_view url) {
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) {
    const std::size_t path = url.find('/', scheme + 3);
    url = path == std::string_view::npos ? "/" : url.substr(path);
  }
  return client_name(url.substr(0, url.find_first_of("?#")));
}

}  // namespace fovea
