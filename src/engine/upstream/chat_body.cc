// Text alone is sent as a string, since some servers take no list of parts; anything else as a list.
#include "engine/upstream/chat_body.h"

#include <simdutf.h>

#include <string_view>

#include "base/check.h"
#include "engine/upstream/json_value.h"

namespace fovea {

namespace {

std::string_view media_type_of(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG")) return "image/png";
  if (bytes.starts_with("RIFF")) return "image/webp";
  if (bytes.starts_with("GIF8")) return "image/gif";
  return "image/jpeg";  // servers look at the bytes themselves
}

std::string data_url(const Blob& picture) {
  const std::string_view bytes = picture.text();
  std::string url = "data:" + std::string(media_type_of(bytes)) + ";base64,";
  const std::size_t head = url.size();
  url.resize(head + simdutf::base64_length_from_binary(bytes.size()));
  simdutf::binary_to_base64(bytes.data(), bytes.size(), url.data() + head);
  return url;
}

Json part_of(const PromptPart& part, std::span<const Blob> pictures) {
  if (const auto* text = std::get_if<std::string>(&part)) return Json({{"type", "text"}, {"text", *text}});
  const std::size_t index = std::get<ImageSlot>(part).index;
  check(index < pictures.size(), "every image of a message is given");
  return Json({{"type", "image_url"}, {"image_url", Json({{"url", data_url(pictures[index])}})}});
}

Json content_of(const Message& message, std::span<const Blob> pictures) {
  if (message.parts.size() == 1 && std::holds_alternative<std::string>(message.parts[0]))
    return Json(std::get<std::string>(message.parts[0]));
  Json::array_t parts;
  for (const PromptPart& part : message.parts) parts.push_back(part_of(part, pictures));
  return Json(parts);
}

}  // namespace

std::string chat_body(std::span<const Message> messages, std::span<const Blob> pictures,
                      const ChatBodyOptions& options) {
  Json body;
  if (!options.model.empty()) body["model"] = options.model;
  body["temperature"] = options.temperature;
  body["max_tokens"] = options.max_tokens;
  if (options.stream) {
    body["stream"] = true;
    body["stream_options"] = Json({{"include_usage", true}});
  }
  Json::array_t written;
  for (const Message& message : messages)
    written.push_back(Json({{"role", message.role}, {"content", content_of(message, pictures)}}));
  body["messages"] = Json(written);
  return to_text(body);
}

}  // namespace fovea
