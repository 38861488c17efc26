#include "pipeline/levels/stored_response.h"

namespace fovea {

ByteWriter StoredResponse::payload() const {
  ByteWriter out;
  out.i32(prompt_tokens).i32(image_tokens).i32(answer_tokens).u8(static_cast<std::uint8_t>(finish_reason));
  out.u32(static_cast<std::uint32_t>(image_keys.size()));
  for (const Key& key : image_keys) out.key(key);
  out.text(text).text(stop);
  return out;
}

std::optional<StoredResponse> StoredResponse::from_payload(const Blob& payload) {
  ByteReader in(payload.bytes());
  StoredResponse response;
  response.prompt_tokens = in.i32();
  response.image_tokens = in.i32();
  response.answer_tokens = in.i32();
  const std::uint8_t finish_reason = in.u8();
  response.image_keys.resize(in.count(sizeof(Key)));
  for (Key& key : response.image_keys) key = in.key();
  response.text = in.text();
  response.stop = in.text();
  const bool in_range = response.image_tokens >= 0 && response.prompt_tokens >= response.image_tokens &&
                        response.answer_tokens >= 0 && finish_reason <= static_cast<std::uint8_t>(FinishReason::length);
  if (!in.finished() || !in_range) return std::nullopt;
  response.finish_reason = static_cast<FinishReason>(finish_reason);
  return response;
}

}  // namespace fovea
