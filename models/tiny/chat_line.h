// ChatMessage: a message as in OpenAI's chat API, with pictures as paths, as measuring programs read it from
// lines of JSON. Plain values and pure functions.
#pragma once

#include <glaze/glaze.hpp>

#include <expected>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/message.h"

namespace tiny {

struct ImageUrl {
  std::string url;
};
struct ContentPart {
  std::string type;
  std::string text;
  ImageUrl image_url;
};
struct ChatMessage {
  std::string role;
  std::variant<std::string, std::vector<ContentPart>> content;
};

// What a model is asked: an ImageSlot is an index into `pictures`.
struct Conversation {
  std::vector<fovea::Message> messages;
  std::vector<std::string> pictures;  // as the messages name them
};

inline void add_part(const ContentPart& part, fovea::Message& message, std::vector<std::string>& pictures) {
  if (part.type == "text") {
    message.parts.emplace_back(part.text);
    return;
  }
  message.parts.emplace_back(fovea::ImageSlot{pictures.size()});
  pictures.push_back(part.image_url.url);
}

inline Conversation conversation_of(std::span<const ChatMessage> chat) {
  Conversation conversation;
  for (const ChatMessage& each : chat) {
    fovea::Message& message = conversation.messages.emplace_back();
    message.role = each.role;
    if (const auto* text = std::get_if<std::string>(&each.content)) {
      message.parts.emplace_back(*text);
      continue;
    }
    for (const ContentPart& part : std::get<std::vector<ContentPart>>(each.content))
      add_part(part, message, conversation.pictures);
  }
  return conversation;
}

// A line of a file. The fault says what is wrong with it; fields that are not known are passed over.
template <typename Line>
std::expected<Line, std::string> parsed(const std::string& text) {
  Line line;
  if (const auto error = glz::read<glz::opts{.error_on_unknown_keys = false}>(line, text))
    return std::unexpected(glz::format_error(error, text));
  return line;
}

}  // namespace tiny
