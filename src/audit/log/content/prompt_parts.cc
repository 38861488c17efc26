// A text's prefix hashes are a chain, and the hash of the whole text is its end: a text is hashed once. Its
// masked text is a second time, where it has variables.
#include "audit/log/content/prompt_parts.h"

#include <algorithm>
#include <limits>
#include <string>

#include "audit/log/content/content_hash.h"
#include "audit/log/content/masked_text.h"

namespace fovea {

namespace {

std::uint32_t bytes_of(std::string_view content) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(content.size(), std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

void add_text(std::string_view text, PartPlace place, AuditedRequest& request) {
  if (text.empty()) return;
  AuditedPart part{.role = place.role, .message = place.message, .bytes = bytes_of(text)};
  part.prefixes_begin = static_cast<std::uint32_t>(request.prefix_hashes.size());
  std::size_t begin = 0;
  std::uint64_t chain = 0;
  for (std::uint32_t i = 0; i < prefix_hashes_max; ++i) {
    const std::size_t end = prefix_bytes(i);
    if (end > text.size()) break;
    chain = content_hash(ContentKind::prefix, text.substr(begin, end - begin), chain);
    request.prefix_hashes.push_back(chain);
    begin = end;
  }
  part.prefixes = static_cast<std::uint32_t>(request.prefix_hashes.size()) - part.prefixes_begin;
  part.hash = content_hash(ContentKind::text, text.substr(begin), chain);
  static thread_local std::string masked;  // its memory is used again
  const TextVariables variables = mask_variables(text, masked);
  part.variables = variables.kinds;
  part.variable_at = static_cast<std::uint32_t>(std::min<std::size_t>(variables.first_at, part.bytes));
  part.masked_hash = variables.kinds == 0 ? part.hash : content_hash(ContentKind::masked, masked);
  request.parts.push_back(part);
}

void add_other(std::string_view content, PartPlace place, AuditedRequest& request) {
  const std::uint64_t hash = content_hash(ContentKind::other, content);
  request.parts.push_back({.kind = PartKind::other,
                           .role = place.role,
                           .message = place.message,
                           .bytes = bytes_of(content),
                           .variable_at = bytes_of(content),
                           .hash = hash,
                           .masked_hash = hash});
}

}  // namespace fovea
