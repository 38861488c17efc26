// Each read_ function reads one group of fields, and the first refusal ends the reading: a client is told of
// one wrong field at a time.
#include "serve/openai/chat_request.h"

#include <format>

#include "serve/asking/answerable.h"
#include "serve/openai/answer_format.h"
#include "serve/openai/chat_message.h"
#include "serve/openai/request_fields.h"
#include "serve/openai/sampling.h"
#include "serve/openai/tokens/prediction.h"
#include "serve/openai/tools_request.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace {

constexpr std::int64_t top_logprobs_max = 20;  // OpenAI's
constexpr std::int64_t choices_max = 8;        // each is computed by itself, one after another
constexpr std::size_t salt_bytes_max = 256;

// modalities: ["text"] asks for nothing else.
Parsed<void> check_modalities(const JsonObject& body) {
  const auto modalities = body.find("modalities");
  simdjson::dom::array list;
  if (!modalities) return {};
  if (modalities->get_array().get(list) != simdjson::SUCCESS)
    return refuse("modalities", "modalities must be a list", "invalid_type");
  for (const Json modality : list) {
    std::string_view name;
    if (modality.get_string().get(name) != simdjson::SUCCESS || name != "text")
      return refuse("modalities", "modalities may be [\"text\"] only", "unsupported_value");
  }
  return {};
}

// vLLM's echo of a chat. Completions have one of their own.
Parsed<void> check_echo(const JsonObject& body) {
  const auto echo = body.truth("echo");
  if (!echo) return std::unexpected(echo.error());
  if (!echo->value_or(false)) return {};
  return refuse("echo", "echo is not supported in chats: the message to be continued is yours already",
                "unsupported_parameter");
}

// The template's variables of which none begins an answer.
std::string without_generation_prompt(const std::string& template_args) {
  constexpr std::string_view off = R"("add_generation_prompt":false)";
  if (template_args.empty()) return std::format("{{{}}}", off);
  return std::format("{{{},{}", off, std::string_view(template_args).substr(1));
}

// Whether the last message is continued: as llama-server does where it is the assistant's, unless vLLM's
// fields say otherwise. Where it is neither continued nor followed by another, the prompt ends behind it.
Parsed<void> read_continuation(const JsonObject& body, ChatRequest& request) {
  const auto wanted = body.truth("continue_final_message");
  if (!wanted) return std::unexpected(wanted.error());
  const auto begins_another = body.truth("add_generation_prompt");
  if (!begins_another) return std::unexpected(begins_another.error());
  const Message& last = request.messages.back();
  const bool can = last.role == "assistant" && last.tool_calls.empty() && has_content(last);
  if (wanted->value_or(false) && !can)
    return refuse("continue_final_message",
                  "continue_final_message needs a last message of the assistant, with a text");
  if (wanted->value_or(false) && begins_another->value_or(false))
    return refuse("add_generation_prompt", "an answer either continues the last message or begins another one");
  request.continue_final = can && wanted->value_or(!begins_another->value_or(false));
  if (!begins_another->value_or(true) && !request.continue_final)
    request.template_args = without_generation_prompt(request.template_args);
  return {};
}

// chat_template_kwargs: variables of the chat template, but for the one that read_continuation() decides.
Parsed<void> read_template_args(const JsonObject& body, ChatRequest& request) {
  const auto value = body.find("chat_template_kwargs");
  if (!value) return {};
  const auto object = JsonObject::of(*value, "chat_template_kwargs");
  if (!object) return std::unexpected(object.error());
  for (const auto [name, argument] : object->fields()) {
    if (name == "add_generation_prompt") continue;
    request.template_args += request.template_args.empty() ? '{' : ',';
    request.template_args += std::format("{}:{}", json_text(name), simdjson::minify(argument));
  }
  if (!request.template_args.empty()) request.template_args += '}';
  return {};
}

Parsed<void> read_messages(const JsonObject& body, const RequestRules& rules, ChatRequest& request) {
  const auto value = body.find("messages");
  if (!value) return refuse("messages", "messages is missing: a list of messages", "missing_required_parameter");
  simdjson::dom::array messages;
  if (value->get_array().get(messages) != simdjson::SUCCESS)
    return refuse("messages", "messages must be a list", "invalid_type");
  if (messages.size() == 0) return refuse("messages", "messages is empty: ask something");
  if (messages.size() > rules.messages_max)
    return refuse("messages",
                  std::format("a request may have {} messages, not {}", rules.messages_max, messages.size()));
  std::size_t index = 0;
  for (const Json message : messages) {
    const std::string where = std::format("messages[{}]", index++);
    const auto object = JsonObject::of(message, where);
    if (!object) return std::unexpected(object.error());
    if (auto read = read_message(*object, rules, request); !read) return read;
  }
  return {};
}

Parsed<void> read_log_probabilities(const JsonObject& body, ChatRequest& request) {
  const auto wanted = body.truth("logprobs");
  if (!wanted) return std::unexpected(wanted.error());
  const auto count = body.integer("top_logprobs", 0, top_logprobs_max);
  if (!count) return std::unexpected(count.error());
  if (*count && !wanted->value_or(false)) return refuse("top_logprobs", "top_logprobs needs logprobs to be true");
  if (wanted->value_or(false)) request.top_logprobs = static_cast<std::int32_t>(count->value_or(0));
  return {};
}

// The text of a field that changes no answer: what is no text is as good as none.
std::string_view text_if_any(const std::optional<Json>& value) {
  std::string_view text;
  return value && value->get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

// Prefetching goes by it. A prompt_cache_key may be one conversation's, a user has several.
std::string_view session_of(const JsonObject& body) {
  for (const char* name : {"prompt_cache_key", "user"}) {
    if (const auto text = text_if_any(body.find(name)); !text.empty()) return text;
  }
  const auto metadata = body.find("metadata");
  if (!metadata || !metadata->is_object()) return {};
  const auto object = JsonObject::of(*metadata, "metadata");
  return object ? text_if_any(object->find("user_id")) : std::string_view();
}

}  // namespace

Parsed<void> read_delivery(const JsonObject& body, ChatRequest& request) {
  const auto model = body.text("model");
  if (!model) return std::unexpected(model.error());
  request.model = model->value_or("");
  const auto timings = body.truth("timings_per_token");
  if (!timings) return std::unexpected(timings.error());
  request.timings = timings->value_or(false);
  const auto stream = body.truth("stream");
  if (!stream) return std::unexpected(stream.error());
  request.stream = stream->value_or(false);
  const auto salt = body.text("cache_salt");
  if (!salt) return std::unexpected(salt.error());
  if (salt->value_or("").size() > salt_bytes_max)
    return refuse("cache_salt", std::format("cache_salt may have {} bytes", salt_bytes_max));
  request.cache_salt = salt->value_or("");
  request.session = session_of(body);
  request.camera = text_if_any(body.find("prompt_cache_key"));
  const auto options = body.find("stream_options");
  if (!options) return {};
  const auto object = JsonObject::of(*options, "stream_options");
  if (!object) return std::unexpected(object.error());
  const auto include_usage = object->truth("include_usage");
  if (!include_usage) return std::unexpected(include_usage.error());
  request.include_usage = include_usage->value_or(false);
  return {};
}

Parsed<void> read_count(const JsonObject& body, ChatRequest& request) {
  const auto count = body.integer("n", 1, choices_max);
  if (!count) return std::unexpected(count.error());
  request.choices = static_cast<std::uint32_t>(count->value_or(1));
  return {};
}

Parsed<void> check_one_answer(const JsonObject& body) {
  const auto count = body.integer("n", 1, choices_max);
  if (!count) return std::unexpected(count.error());
  if (count->value_or(1) == 1) return {};
  return refuse("n", "n may be 1 only: a reply has one answer here", "unsupported_value");
}

Parsed<ChatRequest> read_chat_request(const JsonObject& body, const RequestRules& rules) {
  ChatRequest request;
  auto options = read_sampling(body, rules.defaults);
  if (!options) return std::unexpected(options.error());
  request.options = std::move(*options);
  const Parsed<void> steps[] = {
      check_fields(body),
      check_modalities(body),
      check_echo(body),
      read_delivery(body, request),
      read_count(body, request),
      read_structure(body, request.options, &request.format_field),
      read_tools(body, request.options.tools),
      read_log_probabilities(body, request),
      read_template_args(body, request),
  };
  for (const Parsed<void>& step : steps) {
    if (!step) return std::unexpected(step.error());
  }
  auto prediction = read_prediction(body);
  if (!prediction) return std::unexpected(prediction.error());
  request.prediction = std::move(*prediction);
  if (auto read = read_messages(body, rules, request); !read) return std::unexpected(read.error());
  if (auto read = read_continuation(body, request); !read) return std::unexpected(read.error());
  return request;
}

}  // namespace fovea::serve
