// A log is anybody's, and its names end in a terminal, a page or a file: so they are one line of UTF-8 of a
// bounded length, whatever was written. A name that went through here once stays as it is.
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

// Whether a second byte may follow this first one: no character has two spellings, and none is a surrogate.
bool may_follow(unsigned char lead, unsigned char second) {
  if (lead == 0xe0) return second >= 0xa0;
  if (lead == 0xed) return second < 0xa0;
  if (lead == 0xf0) return second >= 0x90;
  return lead != 0xf4 || second < 0x90;
}

// Whether `text` is UTF-8 (RFC 3629): names out of CSV may be in any encoding.
bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    const bool leads = lead < 0x80 || (lead >= 0xc2 && lead < 0xf5);
    if (!leads || text.size() < length) return false;
    if (length > 1 && !may_follow(lead, static_cast<unsigned char>(text[1]))) return false;
    for (std::size_t i = 1; i < length; ++i) {
      if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

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
  if (!is_utf8(name)) std::ranges::replace_if(name, [](char c) { return (c & 0x80) != 0; }, '?');
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
