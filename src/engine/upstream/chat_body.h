// chat_body: a conversation with pictures as the JSON that OpenAI's chat completions take.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/engine.h"
#include "fovea/blob.h"

namespace fovea {

struct ChatBodyOptions {
  std::string model;  // empty = not sent: servers of one model do not ask
  double temperature = 0;
  std::int32_t max_tokens = 512;
  bool stream = true;  // with token counts at the end
};

// A picture is sent as a data: URL, of the media type that its first bytes tell. REQUIRES: every slot has a picture.
std::string chat_body(std::span<const Message> messages, std::span<const Blob> pictures,
                      const ChatBodyOptions& options);

}  // namespace fovea
