#include "pipeline/stored_response.h"

#include <cstring>

namespace fovea {

namespace {

// What stands before the text.
struct Header {
  std::int32_t prompt_tokens;
  std::int32_t answer_tokens;
  std::uint32_t finish_reason;
};

}  // namespace

Blob StoredResponse::to_blob() const {
  const Header header{prompt_tokens, answer_tokens, static_cast<std::uint32_t>(finish_reason)};
  return Blob::filled(sizeof header + text.size(), [&](std::span<std::byte> out) {
    std::memcpy(out.data(), &header, sizeof header);
    std::memcpy(out.data() + sizeof header, text.data(), text.size());
  });
}

std::optional<StoredResponse> StoredResponse::from_blob(const Blob& blob) {
  Header header;
  if (blob.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, blob.bytes().data(), sizeof header);
  if (header.prompt_tokens < 0 || header.answer_tokens < 0 || header.finish_reason > 1) return std::nullopt;
  return StoredResponse{.text = std::string(blob.text().substr(sizeof header)),
                        .prompt_tokens = header.prompt_tokens,
                        .answer_tokens = header.answer_tokens,
                        .finish_reason = static_cast<FinishReason>(header.finish_reason)};
}

}  // namespace fovea
