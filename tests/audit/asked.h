// Asked: requests for tests of an audit, written as a person would: messages, texts and pictures by name.
//
// Hashes are std::hash of the texts, and variables are runs of digits, which are times where a ':' is between
// two of them and ids where they are hexadecimal digits behind a '$'.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/audited_request.h"

namespace fovea::test {

inline std::uint64_t hash_of(std::string_view text) { return std::hash<std::string_view>()(text); }

struct MaskedText {
  std::string text;
  std::uint8_t variables = 0;
  std::uint32_t at = 0;
};

inline MaskedText masked(std::string_view text) {
  MaskedText masked{.text = {}, .at = static_cast<std::uint32_t>(text.size())};
  for (std::size_t i = 0; i < text.size();) {
    const bool id = text[i] == '$';
    if (!id && std::isdigit(static_cast<unsigned char>(text[i])) == 0) {
      masked.text += text[i++];
      continue;
    }
    masked.at = std::min(masked.at, static_cast<std::uint32_t>(i));
    std::uint8_t variable = id ? variable_id : variable_number;
    for (++i; i < text.size() && (std::isxdigit(static_cast<unsigned char>(text[i])) != 0 || text[i] == ':'); ++i)
      if (text[i] == ':') variable = variable_time;
    masked.variables |= variable;
    masked.text += '#';
  }
  return masked;
}

struct AskedPicture {
  std::string pixels;     // which image it is
  std::string file = {};  // its bytes; empty = one file for each image
  std::uint32_t width = 512, height = 512;
  std::uint64_t look = 0;  // 0 = none
  PictureDetail detail = PictureDetail::none;
  std::string url = {};  // not empty: by this URL
  std::vector<std::string> tiles = {};
};

class Asked {
 public:
  explicit Asked(std::string client = "shop") {
    request_.client = std::move(client);
    request_.route = "/v1/chat/completions";
    request_.model = "small";
    request_.deterministic = true;
  }

  // Each begins a message; tool definitions belong to none.
  Asked& system(std::string_view text) { return message(PartRole::system).text(text); }
  Asked& user(std::string_view text) { return message(PartRole::user).text(text); }
  Asked& user(const AskedPicture& picture) { return message(PartRole::user).also(picture); }
  Asked& assistant(std::string_view text) { return message(PartRole::assistant).text(text); }
  Asked& tool(std::string_view definition) {
    role_ = PartRole::tools;
    return text(definition);
  }

  // In the same message.
  Asked& text(std::string_view text) {
    const MaskedText mask = masked(text);
    AuditedPart part{.role = role_, .variables = mask.variables, .message = message_};
    part.bytes = static_cast<std::uint32_t>(text.size());
    part.variable_at = mask.at;
    part.hash = hash_of(text);
    part.masked_hash = hash_of(mask.text);
    part.prefixes_begin = static_cast<std::uint32_t>(request_.prefix_hashes.size());
    for (; part.prefixes < prefix_hashes_max && prefix_bytes(part.prefixes) <= text.size(); ++part.prefixes)
      request_.prefix_hashes.push_back(hash_of(text.substr(0, prefix_bytes(part.prefixes))));
    request_.parts.push_back(part);
    return *this;
  }
  Asked& also(const AskedPicture& asked) {
    AuditedPicture picture{.detail = asked.detail, .width = asked.width, .height = asked.height};
    if (asked.url.empty()) {
      picture.source_hash = hash_of("file " + (asked.file.empty() ? asked.pixels : asked.file));
      picture.image_hash = hash_of("pixels " + asked.pixels);
      picture.bytes = 10'000;
      if (asked.look != 0) picture.look = asked.look;
    } else {
      picture.source_hash = hash_of(asked.url);
      picture.by_url = true;
    }
    picture.tiles = static_cast<std::uint32_t>(asked.tiles.size());
    picture.tiles_begin = static_cast<std::uint32_t>(request_.tile_hashes.size());
    for (const std::string& tile : asked.tiles) request_.tile_hashes.push_back(hash_of(tile));
    AuditedPart part{.kind = PartKind::image, .role = role_, .message = message_, .bytes = picture.bytes};
    part.picture = static_cast<std::uint32_t>(request_.pictures.size());
    part.hash = picture.source_hash;
    part.masked_hash = asked.url.empty() ? part.hash : hash_of(asked.url.substr(0, asked.url.find('?')));
    request_.parts.push_back(part);
    request_.pictures.push_back(picture);
    return *this;
  }

  Asked& sampled() {
    request_.deterministic = false;
    return *this;
  }
  Asked& settings(std::uint64_t hash) {
    request_.settings_hash = hash;
    return *this;
  }
  Asked& usage(std::uint32_t prompt_tokens, std::uint32_t answer_tokens) {
    request_.prompt_tokens = prompt_tokens;
    request_.answer_tokens = answer_tokens;
    return *this;
  }
  Asked& model(std::string name) {
    request_.model = std::move(name);
    return *this;
  }

  AuditedRequest request() const { return request_; }
  operator AuditedRequest() const { return request_; }  // NOLINT(google-explicit-constructor): reads better

 private:
  Asked& message(PartRole role) {
    role_ = role;
    message_ = messages_++;
    return *this;
  }

  AuditedRequest request_;
  PartRole role_ = PartRole::user;
  std::uint32_t message_ = 0, messages_ = 0;
};

// More than a cache's shortest prefix.
inline std::string long_text(std::string_view begin, std::size_t bytes = 1000) {
  std::string text(begin);
  while (text.size() < bytes) text += " lorem ipsum dolor";
  return text;
}

}  // namespace fovea::test
