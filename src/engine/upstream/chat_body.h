// chat_body: a conversation with images as the JSON that OpenAI's chat completions take. A pure function;
// thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/engine.h"
#include "fovea/blob.h"

namespace fovea {

struct ChatBodyOptions {
  std::string model;  // empty = not sent: servers of one model do not need it
  double temperature = 0;
  std::int32_t max_tokens = 512;
  bool stream = true;  // with token counts at the end
};

// An image is sent as a data: URL, with the media type that its first bytes tell.
// REQUIRES: every ImageSlot is below pictures.size().
std::string chat_body(std::span<const Message> messages, std::span<const Blob> pictures,
                      const ChatBodyOptions& options);

}  // namespace fovea
