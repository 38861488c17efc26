// Any bytes as a request of the Messages API: what must hold of what they are read as.
#pragma once

#include <string>
#include <string_view>

#include "base/check.h"
#include "serve/anthropic/error_reply.h"
#include "serve/anthropic/messages_request.h"

namespace fovea::serve::anthropic::test {

inline void check_refusal(const Refusal& refusal) {
  check(!refusal.message.empty() && refusal.status == (refusal.code == "too_large" ? 413 : 400), "a refusal says why");
  check(parse_json(error_json(refusal, "req_1")).has_value(), "in JSON");
}

// Pictures stand in their order, each in one place; tools' results and calls are where they belong.
inline void check_request(const ChatRequest& request, const RequestRules& rules) {
  std::size_t slots = 0;
  for (const Message& message : request.messages) {
    check(message.role == "tool" || message.tool_call_id.empty(), "only results name a call");
    check(message.role == "assistant" || message.tool_calls.empty(), "only the assistant calls");
    for (const ToolCall& call : message.tool_calls) check(parse_json(call.arguments).has_value(), "with an object");
    for (const PromptPart& part : message.parts) {
      if (const auto* slot = std::get_if<ImageSlot>(&part)) check(slot->index == slots++, "in their order");
    }
  }
  check(slots == request.images.size() && slots <= rules.images_max, "each picture has one place");
  check(request.messages.size() <= rules.messages_max, "a bounded number of messages");
  check(!request.continue_final || request.messages.back().role == "assistant", "the assistant's are continued");
}

// True where it is read.
inline bool check_hostile_messages(std::string_view body) {
  const RequestRules rules{.image_bytes_max = 1 << 10, .images_max = 4, .messages_max = 16};
  const auto parsed = parse_json(body);
  const auto request = parsed ? read_messages_request(*parsed, rules) : std::unexpected(parsed.error());
  if (request)
    check_request(*request, rules);
  else
    check_refusal(request.error());
  return request.has_value();
}

}  // namespace fovea::serve::anthropic::test
