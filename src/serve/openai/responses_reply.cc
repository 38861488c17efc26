// Events are plain structs in the order of OpenAI's fields, which glaze writes. A stream's output items are
// those that its events told of, so that the last event has the same ids; a whole reply makes them of the
// finished answer.
#include "serve/openai/responses_reply.h"

#include <ctime>
#include <optional>
#include <utility>

#include "serve/wire/fresh_id.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace json {

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
  glz::raw_json part;
  std::int64_t sequence_number = 0;
};

struct TextEvent {
  std::string_view type, item_id;
  std::size_t output_index;
  std::int32_t content_index = 0;
  std::string_view delta;
  glz::raw_json logprobs;
  std::int64_t sequence_number = 0;
};

struct TextDoneEvent {
  std::string_view type, item_id;
  std::size_t output_index;
  std::int32_t content_index = 0;
  std::string_view text;
  glz::raw_json logprobs;
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

std::optional<std::string_view> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

}  // namespace

ResponsesReply::ResponsesReply(std::string model, ResponsesSettings settings, Keep keep, WatchedTokens tokens)
    : id_(fresh_id("resp_")),
      model_(std::move(model)),
      settings_(std::move(settings)),
      keep_(std::move(keep)),
      created_(std::time(nullptr)),
      tokens_(std::move(tokens)) {}

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
  for (OutputItem& item : items_) item.status = "completed";
  items_.back().status = status_of(answer);
  return finished(answer);
}

std::string ResponsesReply::take_tokens() {
  const ChosenTokens tokens = tokens_.take().value_or(ChosenTokens());
  told_.insert(told_.end(), tokens.begin(), tokens.end());
  return tokens_json(tokens);
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
  OutputItem& item = items_.back();
  const std::size_t index = items_.size() - 1;
  if (content != nullptr) {
    item.text += content->text;
    return events + event(json::TextEvent{.type = "response.output_text.delta",
                                          .item_id = item.id,
                                          .output_index = index,
                                          .delta = content->text,
                                          .logprobs = {take_tokens()}});
  }
  const std::string& text = std::get<ArgumentsPiece>(piece).text;
  item.text += text;
  return event(json::ArgumentsEvent{
      .type = "response.function_call_arguments.delta", .item_id = item.id, .output_index = index, .delta = text});
}

std::string ResponsesReply::open(OutputItem item) {
  std::string events = close("completed");
  items_.push_back(std::move(item));
  open_ = true;
  const OutputItem& opened = items_.back();
  const std::size_t index = items_.size() - 1;
  events += event(json::ItemEvent{"response.output_item.added", index, {item_json(opened, told_)}});
  if (!opened.is_call)
    events += event(json::PartEvent{.type = "response.content_part.added",
                                    .item_id = opened.id,
                                    .output_index = index,
                                    .part = {output_text_json({}, {})}});
  return events;
}

std::string ResponsesReply::close(std::string_view status) {
  if (!std::exchange(open_, false)) return {};
  OutputItem& item = items_.back();
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
    events += event(json::TextDoneEvent{.type = "response.output_text.done",
                                        .item_id = item.id,
                                        .output_index = index,
                                        .text = item.text,
                                        .logprobs = {tokens_json(told_)}});
    events += event(json::PartEvent{.type = "response.content_part.done",
                                    .item_id = item.id,
                                    .output_index = index,
                                    .part = {output_text_json(item.text, told_)}});
  }
  return events + event(json::ItemEvent{"response.output_item.done", index, {item_json(item, told_)}});
}

// An answer without a word is an empty message, whole and streamed.
std::string ResponsesReply::choice_end(const FinishedAnswer& answer) {
  take_tokens();
  std::string events;
  if (items_.empty()) events = open({.id = fresh_id("msg_"), .call_id = {}, .name = {}, .text = {}});
  return events + close(status_of(answer));
}

std::string ResponsesReply::last_events(std::span<const FinishedAnswer> answers) {
  const FinishedAnswer& answer = answers.front();
  const std::string_view type = status_of(answer) == "incomplete" ? "response.incomplete" : "response.completed";
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

std::string ResponsesReply::finished(const FinishedAnswer& answer) {
  std::string reply = response(status_of(answer), &answer, keep_ != nullptr);
  if (!keep_) return reply;
  StoredResponse stored{.id = id_, .previous = {}, .reply = reply, .input = {}, .output = {}};
  for (const OutputItem& item : items_) stored.output.push_back({item.id, item_json(item, told_)});
  return keep_(std::move(stored)) ? reply : response(status_of(answer), &answer, false);
}

std::string ResponsesReply::response(std::string_view status, const FinishedAnswer* answer, bool stored) const {
  std::vector<std::string> output;
  if (answer != nullptr) {
    for (const OutputItem& item : items_) output.push_back(item_json(item, told_));
  }
  return response_json({.id = id_,
                        .model = model_,
                        .status = status,
                        .created_unix_s = created_,
                        .settings = settings_,
                        .stored = stored,
                        .output = output,
                        .answer = answer});
}

}  // namespace fovea::serve
