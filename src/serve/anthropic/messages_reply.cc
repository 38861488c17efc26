// The replies are plain structs in the order of Anthropic's fields, which glaze writes. Content blocks are
// JSON already when they are put together, since the kinds of blocks have different fields.
#include "serve/anthropic/messages_reply.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "serve/anthropic/error_reply.h"
#include "serve/wire/fresh_id.h"
#include "serve/wire/json_reader.h"
#include "serve/wire/json_text.h"

namespace fovea::serve::anthropic {

namespace json {

struct TextBlock {
  std::string_view type = "text", text;
};

struct CallBlock {
  std::string_view type = "tool_use", id, name;
  glz::raw_json input;
};

// Anthropic counts what was read from a cache beside input_tokens, not in them.
struct Usage {
  std::int32_t input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens;
};

struct Message {
  std::string_view id, type = "message", role = "assistant", model;
  std::vector<glz::raw_json> content;
  std::optional<std::string_view> stop_reason, stop_sequence;
  Usage usage;
};

struct MessageStart {
  std::string_view type = "message_start";
  Message message;
};

struct Bare {
  std::string_view type;
};

struct BlockStart {
  std::string_view type = "content_block_start";
  std::int64_t index;
  glz::raw_json content_block;
};

struct TextDelta {
  std::string_view type = "text_delta", text;
};

struct InputDelta {
  std::string_view type = "input_json_delta", partial_json;
};

struct BlockDelta {
  std::string_view type = "content_block_delta";
  std::int64_t index;
  glz::raw_json delta;
};

struct BlockStop {
  std::string_view type = "content_block_stop";
  std::int64_t index;
};

struct End {
  std::optional<std::string_view> stop_reason, stop_sequence;
};

struct MessageDelta {
  std::string_view type = "message_delta";
  End delta;
  Usage usage;
};

struct Count {
  std::int64_t input_tokens;
};

}  // namespace json

namespace {

template <typename Event>
std::string event(const Event& event) {
  return "event: " + std::string(event.type) + "\ndata: " + json_text(event) + "\n\n";
}

// For a stored answer the whole prompt was read from the cache.
json::Usage usage_of(std::int32_t prompt_tokens, std::int32_t answer_tokens, const RequestReport& report) {
  const std::int32_t cached = report.response == Outcome::hit ? prompt_tokens : report.cached_tokens;
  return {std::max(prompt_tokens - cached, 0), 0, cached, answer_tokens};
}

json::Usage usage_of(const Answer& answer) {
  return usage_of(answer.prompt_tokens, answer.answer_tokens, answer.report);
}

// A stop sequence that was hit counts before calls: Anthropic's answers end there, too.
json::End end_of(const FinishedAnswer& answer) {
  if (!answer.answer.stop.empty()) return {"stop_sequence", answer.answer.stop};
  if (answer.answer.finish_reason == FinishReason::length) return {"max_tokens", {}};
  if (!answer.parts.calls.empty()) return {"tool_use", {}};
  return {"end_turn", {}};
}

// Arguments are an object, as the tool's schema says; a model that was not held to it may write anything.
glz::raw_json input_of(const std::string& arguments) {
  simdjson::dom::parser parser;
  return {parser.parse(arguments).is_object() ? arguments : "{}"};
}

}  // namespace

MessagesReply::MessagesReply(std::string model, std::string request_id)
    : id_(fresh_id("msg_")), model_(std::move(model)), request_id_(std::move(request_id)) {}

std::string MessagesReply::whole(std::span<const FinishedAnswer> answers) {
  const FinishedAnswer& answer = answers.front();
  const json::End end = end_of(answer);
  json::Message message{.id = id_,
                        .model = model_,
                        .content = {},
                        .stop_reason = end.stop_reason,
                        .stop_sequence = end.stop_sequence,
                        .usage = usage_of(answer.answer)};
  if (!answer.parts.content.empty())
    message.content.push_back({json_text(json::TextBlock{.text = answer.parts.content})});
  // A half call would be taken for a whole one: it is left out, and the stop reason says why.
  const std::size_t whole_calls = answer.parts.calls.size() - (answer.parts.cut ? 1 : 0);
  for (const ToolCall& call : answer.parts.calls | std::views::take(whole_calls)) {
    const std::string id = fresh_id("toolu_");
    message.content.push_back(
        {json_text(json::CallBlock{.id = id, .name = call.name, .input = input_of(call.arguments)})});
  }
  return json_text(message);
}

std::string MessagesReply::first_events(const RequestReport& so_far) {
  const json::Message message{.id = id_,
                              .model = model_,
                              .content = {},
                              .stop_reason = {},
                              .stop_sequence = {},
                              .usage = usage_of(so_far.prompt_tokens, 0, so_far)};
  return event(json::MessageStart{.message = message}) + event(json::Bare{"ping"});
}

std::string MessagesReply::piece_event(const AnswerPiece& piece) {
  if (const auto* content = std::get_if<ContentPiece>(&piece)) {
    if (content->text.empty()) return {};
    const std::string begun = open_ == Block::text ? std::string() : open(Block::text, {});
    return begun + delta(Block::text, content->text);
  }
  if (const auto* begin = std::get_if<CallBegin>(&piece)) return open(Block::call, begin->name);
  return delta(Block::call, std::get<ArgumentsPiece>(piece).text);
}

std::string MessagesReply::open(Block block, std::string_view tool) {
  std::string events = close();
  open_ = block;
  const std::string id = block == Block::call ? fresh_id("toolu_") : std::string();
  events += event(json::BlockStart{
      .index = blocks_++,
      .content_block = {block == Block::text ? json_text(json::TextBlock{})
                                             : json_text(json::CallBlock{.id = id, .name = tool, .input = {"{}"}})}});
  return events;
}

std::string MessagesReply::close() {
  if (std::exchange(open_, Block::none) == Block::none) return {};
  return event(json::BlockStop{.index = blocks_ - 1});
}

std::string MessagesReply::delta(Block block, std::string_view text) {
  return event(json::BlockDelta{.index = blocks_ - 1,
                                .delta = {block == Block::text ? json_text(json::TextDelta{.text = text})
                                                               : json_text(json::InputDelta{.partial_json = text})}});
}

std::string MessagesReply::choice_end(const FinishedAnswer&) { return close(); }

std::string MessagesReply::last_events(std::span<const FinishedAnswer> answers) {
  const FinishedAnswer& answer = answers.front();
  return event(json::MessageDelta{.delta = end_of(answer), .usage = usage_of(answer.answer)}) +
         event(json::Bare{"message_stop"});
}

std::string MessagesReply::error_event(const Refusal& refusal) const {
  return "event: error\ndata: " + error_json(refusal, request_id_) + "\n\n";
}

std::string count_json(std::int64_t prompt_tokens) { return json_text(json::Count{prompt_tokens}); }

}  // namespace fovea::serve::anthropic
