// Any bytes as a request: what must hold of what they are read as.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "serve/model/completion_request.h"
#include "serve/relay/relayed_request.h"
#include "serve/relay/route_key.h"

namespace fovea::serve::test {

inline bool is_json(const std::string& text) { return parse_json(text).has_value(); }

// The bytes of all pictures, where all came inside the request.
inline std::optional<std::vector<Blob>> bytes_inside(const std::vector<ImageReference>& pictures) {
  std::vector<Blob> bytes;
  for (const ImageReference& picture : pictures) {
    if (!std::holds_alternative<Blob>(picture.from)) return std::nullopt;
    bytes.push_back(std::get<Blob>(picture.from));
  }
  return bytes;
}

// What is asked is read; true where it is.
inline bool check_chat(std::string_view body, const RequestRules& rules) {
  const auto parsed = parse_json(body);
  const auto request = parsed ? read_chat_request(*parsed, rules) : std::unexpected(parsed.error());
  if (!request) {
    check(
        !request.error().message.empty() && request.error().status == (request.error().code == "too_large" ? 413 : 400),
        "a refusal says why");
    check(is_json(request.error().json()), "in JSON");
    return false;
  }
  std::size_t slots = 0;
  for (const Message& message : request->messages) {
    for (const PromptPart& part : message.parts) {
      if (const auto* slot = std::get_if<ImageSlot>(&part))
        check(slot->index == slots++, "pictures stand in their order");
    }
  }
  check(slots == request->images.size() && slots <= rules.images_max, "each picture has one place");
  return true;
}

// What is sent on asks the same, and is routed the same; true where the request can be relayed.
inline bool check_relayed(RelayedApi api, std::string_view body, const RequestRules& rules) {
  const auto parsed = parse_json(body);
  const auto request = parsed ? read_relayed_request(api, *parsed, rules) : std::unexpected(parsed.error());
  if (!request) {
    check(is_json(request.error().json()), "a refusal is JSON");
    return false;
  }
  const auto pictures = bytes_inside(request->images);
  const std::string sent = pictures ? with_inline_images(api, *parsed, *pictures) : "";
  const auto route = route_key(api, *parsed, request->images);
  check(!request->question.empty(), "a question is told");
  if (!pictures) return true;
  const auto again = parse_json(sent);
  check(again.has_value(), "what is sent on is JSON");
  const auto reread = read_relayed_request(api, *again, rules);
  check(reread && reread->images.size() == request->images.size(), "with the same pictures");
  for (std::size_t i = 0; i < pictures->size(); ++i)
    check(std::get<Blob>(reread->images[i].from).text() == (*pictures)[i].text(), "byte by byte");
  check(reread->question == request->question, "and the same question");
  check(route_key(api, *again, reread->images) == route, "and the same route");
  return true;
}

// A request for a completion is read; true where it is.
inline bool check_completion(std::string_view body, const RequestRules& rules) {
  const auto parsed = parse_json(body);
  const auto request = parsed ? read_completion_request(*parsed, rules) : std::unexpected(parsed.error());
  if (!request) {
    check(is_json(request.error().json()), "a refusal is JSON");
    return false;
  }
  check(!request->prompts.empty(), "there is something to go on from");
  check(request->prompts.size() * request->asked.choices <= 8, "the answers have an end");
  for (const CompletionPrompt& prompt : request->prompts) {
    std::size_t slots = 0;
    for (const PromptPart& part : prompt.prompt.parts) slots += std::holds_alternative<ImageSlot>(part) ? 1 : 0;
    check(slots == prompt.images.size() && slots <= rules.images_max, "each picture has one place");
  }
  return true;
}

// True where one of the readers takes it.
inline bool check_hostile_request(std::string_view body) {
  const RequestRules rules{.image_bytes_max = 1 << 10, .images_max = 4, .messages_max = 16};
  const bool asked = check_completion(body, rules), chat = check_chat(body, rules) || asked;
  bool relayed = false;
  for (const RelayedApi api : {RelayedApi::chat, RelayedApi::completions, RelayedApi::responses, RelayedApi::messages})
    relayed = check_relayed(api, body, rules) || relayed;
  return relayed || chat;
}

}  // namespace fovea::serve::test
