#include "pipeline/stored_response.h"

#include <cstring>

namespace fovea {

namespace {

// What stands first; then come the image keys, then the text.
struct Header {
  std::int32_t prompt_tokens;
  std::int32_t answer_tokens;
  std::uint32_t finish_reason;
  std::uint32_t images;
  double made_unix_s;
};

}  // namespace

Blob StoredResponse::to_blob() const {
  const Header header{prompt_tokens, answer_tokens, static_cast<std::uint32_t>(finish_reason),
                      static_cast<std::uint32_t>(image_keys.size()), made_unix_s};
  const std::size_t keys_bytes = image_keys.size() * sizeof(Key);
  return Blob::filled(sizeof header + keys_bytes + text.size(), [&](std::span<std::byte> out) {
    std::memcpy(out.data(), &header, sizeof header);
    out = out.subspan(sizeof header);
    if (!image_keys.empty()) std::memcpy(out.data(), image_keys.data(), keys_bytes);
    if (!text.empty()) std::memcpy(out.data() + keys_bytes, text.data(), text.size());
  });
}

std::optional<StoredResponse> StoredResponse::from_blob(const Blob& blob) {
  Header header;
  if (blob.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, blob.bytes().data(), sizeof header);
  if (header.prompt_tokens < 0 || header.answer_tokens < 0 || header.finish_reason > 1) return std::nullopt;
  const auto rest = blob.bytes().subspan(sizeof header);
  if (header.images > rest.size() / sizeof(Key)) return std::nullopt;
  StoredResponse response{.prompt_tokens = header.prompt_tokens,
                          .answer_tokens = header.answer_tokens,
                          .finish_reason = static_cast<FinishReason>(header.finish_reason),
                          .made_unix_s = header.made_unix_s};
  response.image_keys.resize(header.images);
  const std::size_t keys_bytes = header.images * sizeof(Key);
  if (keys_bytes > 0) std::memcpy(response.image_keys.data(), rest.data(), keys_bytes);
  response.text = blob.text().substr(sizeof header + keys_bytes);
  return response;
}

}  // namespace fovea
