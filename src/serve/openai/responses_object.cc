// Plain structs in the order of OpenAI's fields, which glaze writes. What is repeated from the request, and
// the output items, are JSON already.
#include "serve/openai/responses_object.h"

#include <ctime>
#include <optional>
#include <vector>

#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace json {

struct OutputText {
  std::string_view type = "output_text", text;
  std::vector<int> annotations;
  glz::raw_json logprobs = {"[]"};
};

struct OutputMessage {
  std::string_view id, type = "message", status, role = "assistant";
  std::vector<glz::raw_json> content;
};

struct FunctionCall {
  std::string_view id, type = "function_call", status, call_id, name, arguments;
};

struct InputDetails {
  std::int32_t cached_tokens, image_tokens;
  std::optional<std::int32_t> approximate_tokens;  // absent where near frames are off
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
  glz::raw_json top_logprobs, top_p, truncation;
  std::optional<glz::raw_json> usage;
  glz::raw_json user, metadata;
};

}  // namespace json

namespace {

// For a stored answer the whole prompt counts as cached.
json::ResponseUsage usage_of(const Answer& answer) {
  const bool stored = answer.report.response == Outcome::hit;
  std::optional<std::int32_t> approximate_tokens;
  if (answer.report.frames) approximate_tokens = answer.report.frames->approximate_tokens;
  return {answer.prompt_tokens,
          {stored ? answer.prompt_tokens : answer.report.cached_tokens, answer.image_tokens, approximate_tokens},
          answer.answer_tokens,
          {0},
          answer.prompt_tokens + answer.answer_tokens};
}

}  // namespace

std::string_view status_of(const FinishedAnswer& answer) {
  return answer.answer.finish_reason == FinishReason::length || answer.parts.cut ? "incomplete" : "completed";
}

std::string output_text_json(std::string_view text, const ChosenTokens& tokens) {
  return json_text(json::OutputText{.text = text, .annotations = {}, .logprobs = {tokens_json(tokens)}});
}

std::string item_json(const OutputItem& item, const ChosenTokens& tokens) {
  if (item.is_call)
    return json_text(json::FunctionCall{
        .id = item.id, .status = item.status, .call_id = item.call_id, .name = item.name, .arguments = item.text});
  json::OutputMessage message{.id = item.id, .status = item.status, .content = {}};
  if (item.status != "in_progress") message.content.push_back({output_text_json(item.text, tokens)});
  return json_text(message);
}

std::string response_json(const ResponseObject& object) {
  const ResponsesSettings& settings = object.settings;
  json::Response response{.id = object.id,
                          .created_at = object.created_unix_s,
                          .status = object.status,
                          .completed_at = {},
                          .error = {},
                          .incomplete_details = {},
                          .instructions = {settings.instructions},
                          .max_output_tokens = {settings.max_output_tokens},
                          .max_tool_calls = {settings.max_tool_calls},
                          .model = object.model,
                          .output = {},
                          .parallel_tool_calls = {settings.parallel_tool_calls},
                          .previous_response_id = {settings.previous_response_id},
                          .prompt_cache_key = {settings.prompt_cache_key},
                          .reasoning = {settings.reasoning},
                          .safety_identifier = {settings.safety_identifier},
                          .service_tier = {settings.service_tier},
                          .store = object.stored,
                          .temperature = {settings.temperature},
                          .text = {settings.text},
                          .tool_choice = {settings.tool_choice},
                          .tools = {settings.tools},
                          .top_logprobs = {settings.top_logprobs},
                          .top_p = {settings.top_p},
                          .truncation = {settings.truncation},
                          .usage = {},
                          .user = {settings.user},
                          .metadata = {settings.metadata}};
  if (object.answer == nullptr) return json_text(response);
  const Answer& answer = object.answer->answer;
  if (object.status == "incomplete")
    response.incomplete_details =
        json::Incomplete{answer.finish_reason == FinishReason::length ? "max_output_tokens" : "stop"};
  else
    response.completed_at = std::time(nullptr);
  for (const std::string& item : object.output) response.output.push_back({item});
  response.usage = glz::raw_json{brief_json_text(usage_of(answer))};
  return json_text(response);
}

}  // namespace fovea::serve
