// The replies are plain structs in the order of OpenAI's fields, which glaze writes. What is repeated from
// the request, and the output items, are JSON already. A stream's output items are those that its events
// told of, so that the last event has the same ids; a whole reply makes them of the finished answer.
#include "serve/openai/responses_reply.h"

#include <ctime>
#include <optional>
#include <utility>

#include "serve/wire/fresh_id.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace json {

struct OutputText {
  std::string_view type = "output_text", text;
  std::vector<int> annotations, logprobs;
};

struct OutputMessage {
  std::string_view id, type = "message", status, role = "assistant";
  std::vector<OutputText> content;
};

struct FunctionCall {
  std::string_view id, type = "function_call", status, call_id, name, arguments;
};

struct InputDetails {
  std::int32_t cached_tokens;
};

struct OutputDetails {
  std::int32_t reasoning_tokens;
};

struct ResponseUsage {
  std::int32_t input_tokens;
  InputDetails input_tokens_details;
  std::int32_t output_tokens;
  OutputDetails output_tokens_details;
  std::int32_t total_tokens;
};

struct Incomplete {
  std::string_view reason;
};

struct Response {
  std::string_view id, object = "response";
  std::int64_t created_at = 0;
  std::string_view status;
  bool background = false;
  std::optional<std::int64_t> completed_at;
  std::optional<int> error;
  std::optional<Incomplete> incomplete_details;
  glz::raw_json instructions, max_output_tokens, max_tool_calls;
  std::string_view model;
  std::vector<glz::raw_json> output;
  glz::raw_json parallel_tool_calls, previous_response_id, prompt_cache_key, reasoning, safety_identifier, service_tier;
  bool store = false;
  glz::raw_json temperature, text, tool_choice, tools;
  std::int32_t top_logprobs = 0;
  glz::raw_json top_p, truncation;
  std::optional<ResponseUsage> usage;
  glz::raw_json user, metadata;
};

struct ResponseEvent {
  std::string_view type;
  glz::raw_json response;
  std::int64_t sequence_number = 0;
};

struct ItemEvent {
  std::string_view type;
  std::size_t output_index;
  glz::raw_json item;
  std::int64_t sequence_number = 0;
};

struct PartEvent {
  std::string_view type, item_id;
  std::size_t output_index;
  std::int32_t content_index = 0;
  OutputText part = {};
  std::int64_t sequence_number = 0;
};

struct TextEvent {
  std::string_view type, item_id;
  std::size_t output_index;
  std::int32_t content_index = 0;
  std::string_view delta;
  std::vector<int> logprobs = {};
  std::int64_t sequence_number = 0;
};

struct TextDoneEvent {
  std::string_view type, item_id;
  std::size_t output_index;
  std::int32_t content_index = 0;
  std::string_view text;
  std::vector<int> logprobs = {};
  std::int64_t sequence_number = 0;
};

struct ArgumentsEvent {
  std::string_view type, item_id;
  std::size_t output_index;
  std::string_view delta;
  std::int64_t sequence_number = 0;
};

struct ArgumentsDoneEvent {
  std::string_view type, item_id;
  std::size_t output_index;
  std::string_view name, arguments;
  std::int64_t sequence_number = 0;
};

struct ErrorEvent {
  std::string_view type = "error";
  std::optional<std::string_view> code;
  std::string_view message;
  std::optional<std::string_view> param;
  std::int64_t sequence_number = 0;
};

}  // namespace json

namespace {

std::string_view status_of(const Answer& answer) {
  return answer.finish_reason == FinishReason::length ? "incomplete" : "completed";
}

// For a stored answer the whole prompt counts as cached.
json::ResponseUsage usage_of(const Answer& answer) {
  const bool stored = answer.report.response == Outcome::hit;
  return {answer.prompt_tokens,
          {stored ? answer.prompt_tokens : answer.report.cached_tokens},
          answer.answer_tokens,
          {0},
          answer.prompt_tokens + answer.answer_tokens};
}

std::optional<std::string_view> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

}  // namespace

ResponsesReply::ResponsesReply(std::string model, ResponsesSettings settings, Keep keep)
    : id_(fresh_id("resp_")),
      model_(std::move(model)),
      settings_(std::move(settings)),
      keep_(std::move(keep)),
      created_(std::time(nullptr)) {}

std::string ResponsesReply::whole(std::span<const FinishedAnswer> answers) {
  const FinishedAnswer& answer = answers.front();
  items_.clear();
  if (!answer.parts.content.empty() || answer.parts.calls.empty())
    items_.push_back({.id = fresh_id("msg_"), .call_id = {}, .name = {}, .text = answer.parts.content});
  for (const ToolCall& call : answer.parts.calls) {
    items_.push_back({.is_call = true,
                      .id = fresh_id("fc_"),
                      .call_id = fresh_id("call_"),
                      .name = call.name,
                      .text = call.arguments});
  }
  for (Item& item : items_) item.status = "completed";
  items_.back().status = status_of(answer.answer);
  return finished(answer.answer);
}

std::string ResponsesReply::json_of(const Item& item) {
  if (item.is_call)
    return json_text(json::FunctionCall{
        .id = item.id, .status = item.status, .call_id = item.call_id, .name = item.name, .arguments = item.text});
  json::OutputMessage message{.id = item.id, .status = item.status, .content = {}};
  if (item.status != "in_progress") message.content.push_back({.text = item.text, .annotations = {}, .logprobs = {}});
  return json_text(message);
}

template <typename Event>
std::string ResponsesReply::event(Event event) {
  event.sequence_number = events_++;
  return "event: " + std::string(event.type) + "\ndata: " + json_text(event) + "\n\n";
}

// In separate statements: events are numbered in the order in which they are written.
std::string ResponsesReply::first_events(const RequestReport&) {
  const std::string begun = response("in_progress", nullptr, keep_ != nullptr);
  std::string events = event(json::ResponseEvent{"response.created", {begun}});
  return events + event(json::ResponseEvent{"response.in_progress", {begun}});
}

std::string ResponsesReply::piece_event(const AnswerPiece& piece) {
  if (const auto* begin = std::get_if<CallBegin>(&piece)) {
    return open(
        {.is_call = true, .id = fresh_id("fc_"), .call_id = fresh_id("call_"), .name = begin->name, .text = {}});
  }
  std::string events;
  const auto* content = std::get_if<ContentPiece>(&piece);
  if (content != nullptr && content->text.empty()) return events;
  if (content != nullptr && (!open_ || items_.back().is_call))
    events = open({.id = fresh_id("msg_"), .call_id = {}, .name = {}, .text = {}});
  Item& item = items_.back();
  const std::size_t index = items_.size() - 1;
  if (content != nullptr) {
    item.text += content->text;
    return events + event(json::TextEvent{.type = "response.output_text.delta",
                                          .item_id = item.id,
                                          .output_index = index,
                                          .delta = content->text});
  }
  const std::string& text = std::get<ArgumentsPiece>(piece).text;
  item.text += text;
  return event(json::ArgumentsEvent{
      .type = "response.function_call_arguments.delta", .item_id = item.id, .output_index = index, .delta = text});
}

std::string ResponsesReply::open(Item item) {
  std::string events = close("completed");
  items_.push_back(std::move(item));
  open_ = true;
  const Item& opened = items_.back();
  const std::size_t index = items_.size() - 1;
  events += event(json::ItemEvent{"response.output_item.added", index, {json_of(opened)}});
  if (!opened.is_call)
    events +=
        event(json::PartEvent{.type = "response.content_part.added", .item_id = opened.id, .output_index = index});
  return events;
}

std::string ResponsesReply::close(std::string_view status) {
  if (!std::exchange(open_, false)) return {};
  Item& item = items_.back();
  item.status = status;
  const std::size_t index = items_.size() - 1;
  std::string events;
  if (item.is_call) {
    events += event(json::ArgumentsDoneEvent{.type = "response.function_call_arguments.done",
                                             .item_id = item.id,
                                             .output_index = index,
                                             .name = item.name,
                                             .arguments = item.text});
  } else {
    events += event(json::TextDoneEvent{
        .type = "response.output_text.done", .item_id = item.id, .output_index = index, .text = item.text});
    events += event(json::PartEvent{.type = "response.content_part.done",
                                    .item_id = item.id,
                                    .output_index = index,
                                    .part = {.text = item.text, .annotations = {}, .logprobs = {}}});
  }
  return events + event(json::ItemEvent{"response.output_item.done", index, {json_of(item)}});
}

// An answer without a word is an empty message, whole and streamed.
std::string ResponsesReply::choice_end(const FinishedAnswer& answer) {
  std::string events;
  if (items_.empty()) events = open({.id = fresh_id("msg_"), .call_id = {}, .name = {}, .text = {}});
  return events + close(status_of(answer.answer));
}

std::string ResponsesReply::last_events(std::span<const FinishedAnswer> answers) {
  const Answer& answer = answers.front().answer;
  const std::string_view type =
      answer.finish_reason == FinishReason::length ? "response.incomplete" : "response.completed";
  return event(json::ResponseEvent{type, {finished(answer)}});
}

std::string ResponsesReply::error_event(const Refusal& refusal) const {
  const std::string message = refusal.shown();
  return "event: error\ndata: " +
         json_text(json::ErrorEvent{.code = if_any(refusal.code),
                                    .message = message,
                                    .param = if_any(refusal.param),
                                    .sequence_number = events_}) +
         "\n\n";
}

std::string ResponsesReply::finished(const Answer& answer) {
  std::string reply = response(status_of(answer), &answer, keep_ != nullptr);
  if (!keep_) return reply;
  StoredResponse stored{.id = id_, .previous = {}, .reply = reply, .input = {}, .output = {}};
  for (const Item& item : items_) stored.output.push_back({item.id, json_of(item)});
  return keep_(std::move(stored)) ? reply : response(status_of(answer), &answer, false);
}

std::string ResponsesReply::response(std::string_view status, const Answer* answer, bool stored) const {
  json::Response response{.id = id_,
                          .created_at = created_,
                          .status = status,
                          .completed_at = {},
                          .error = {},
                          .incomplete_details = {},
                          .instructions = {settings_.instructions},
                          .max_output_tokens = {settings_.max_output_tokens},
                          .max_tool_calls = {settings_.max_tool_calls},
                          .model = model_,
                          .output = {},
                          .parallel_tool_calls = {settings_.parallel_tool_calls},
                          .previous_response_id = {settings_.previous_response_id},
                          .prompt_cache_key = {settings_.prompt_cache_key},
                          .reasoning = {settings_.reasoning},
                          .safety_identifier = {settings_.safety_identifier},
                          .service_tier = {settings_.service_tier},
                          .store = stored,
                          .temperature = {settings_.temperature},
                          .text = {settings_.text},
                          .tool_choice = {settings_.tool_choice},
                          .tools = {settings_.tools},
                          .top_p = {settings_.top_p},
                          .truncation = {settings_.truncation},
                          .usage = {},
                          .user = {settings_.user},
                          .metadata = {settings_.metadata}};
  if (answer == nullptr) return json_text(response);
  if (answer->finish_reason == FinishReason::length)
    response.incomplete_details = json::Incomplete{"max_output_tokens"};
  else
    response.completed_at = std::time(nullptr);
  for (const Item& item : items_) response.output.push_back({json_of(item)});
  response.usage = usage_of(*answer);
  return json_text(response);
}

}  // namespace fovea::serve
