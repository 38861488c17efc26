// The replies are plain structs in the order of OpenAI's fields, which glaze writes. Each event of a stream
// repeats the ids of the response and of its only output message.
#include "serve/openai/responses_reply.h"

#include <ctime>
#include <optional>
#include <utility>
#include <vector>

#include "serve/wire/fresh_id.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace json {

struct OutputText {
  std::string_view type = "output_text", text;
  std::vector<int> annotations;
};

struct OutputMessage {
  std::string_view type = "message", id, status, role = "assistant";
  std::vector<OutputText> content;
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
  std::string_view status, model;
  std::optional<int> error;
  std::optional<Incomplete> incomplete_details;
  std::vector<OutputMessage> output;
  std::optional<ResponseUsage> usage;
};

struct ResponseEvent {
  std::string_view type;
  Response response;
  std::int64_t sequence_number = 0;
};

struct ItemEvent {
  std::string_view type;
  std::int32_t output_index = 0;
  OutputMessage item = {};
  std::int64_t sequence_number = 0;
};

struct PartEvent {
  std::string_view type, item_id;
  std::int32_t output_index = 0, content_index = 0;
  OutputText part = {};
  std::int64_t sequence_number = 0;
};

struct DeltaEvent {
  std::string_view type, item_id;
  std::int32_t output_index = 0, content_index = 0;
  std::string_view delta;
  std::int64_t sequence_number = 0;
};

struct TextDoneEvent {
  std::string_view type, item_id;
  std::int32_t output_index = 0, content_index = 0;
  std::string_view text;
  std::int64_t sequence_number = 0;
};

}  // namespace json

namespace {

json::Response begun(std::string_view id, std::int64_t created, std::string_view model) {
  return {.id = id, .created_at = created, .status = "in_progress", .model = model};
}

json::OutputMessage message_of(std::string_view id, const Answer& answer) {
  const bool cut = answer.finish_reason == FinishReason::length;
  return {.id = id, .status = cut ? "incomplete" : "completed", .content = {{.text = answer.text}}};
}

json::Response ended(json::Response response, std::string_view message_id, const Answer& answer) {
  const bool cut = answer.finish_reason == FinishReason::length;
  response.status = cut ? "incomplete" : "completed";
  if (cut) response.incomplete_details = json::Incomplete{"max_output_tokens"};
  response.output = {message_of(message_id, answer)};
  const bool stored = answer.report.response == Outcome::hit;
  response.usage = json::ResponseUsage{answer.prompt_tokens,
                                       {stored ? answer.prompt_tokens : answer.report.cached_tokens},
                                       answer.answer_tokens,
                                       {0},
                                       answer.prompt_tokens + answer.answer_tokens};
  return response;
}

}  // namespace

ResponsesReply::ResponsesReply(std::string model)
    : id_(fresh_id("resp_")), message_id_(fresh_id("msg_")), created_(std::time(nullptr)), model_(std::move(model)) {}

std::string ResponsesReply::whole(std::span<const FinishedAnswer> answers) {
  return json_text(ended(begun(id_, created_, model_), message_id_, answers.front().answer));
}

template <typename Event>
std::string ResponsesReply::event(Event event) {
  event.sequence_number = events_++;
  return "event: " + std::string(event.type) + "\ndata: " + json_text(event) + "\n\n";
}

// In separate statements: events are numbered in the order in which they are written.
std::string ResponsesReply::first_events(const RequestReport&) {
  const json::Response response = begun(id_, created_, model_);
  std::string events = event(json::ResponseEvent{"response.created", response});
  events += event(json::ResponseEvent{"response.in_progress", response});
  events += event(
      json::ItemEvent{.type = "response.output_item.added", .item = {.id = message_id_, .status = "in_progress"}});
  return events + event(json::PartEvent{.type = "response.content_part.added", .item_id = message_id_});
}

std::string ResponsesReply::piece_event(const AnswerPiece& piece) {
  const auto* content = std::get_if<ContentPiece>(&piece);
  if (content == nullptr) return {};
  return event(json::DeltaEvent{.type = "response.output_text.delta", .item_id = message_id_, .delta = content->text});
}

std::string ResponsesReply::last_events(std::span<const FinishedAnswer> answers) {
  const Answer& answer = answers.front().answer;
  const json::Response response = ended(begun(id_, created_, model_), message_id_, answer);
  const std::string_view end = response.incomplete_details ? "response.incomplete" : "response.completed";
  std::string events =
      event(json::TextDoneEvent{.type = "response.output_text.done", .item_id = message_id_, .text = answer.text});
  events += event(
      json::PartEvent{.type = "response.content_part.done", .item_id = message_id_, .part = {.text = answer.text}});
  events += event(json::ItemEvent{.type = "response.output_item.done", .item = message_of(message_id_, answer)});
  return events + event(json::ResponseEvent{end, response});
}

}  // namespace fovea::serve
