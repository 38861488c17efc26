// Each read_ function reads one group of fields, and the first refusal ends the reading: a client is told of
// one wrong field at a time.
#include "serve/openai/chat_request.h"

#include <array>
#include <format>

#include "serve/openai/answer_format.h"
#include "serve/openai/chat_message.h"
#include "serve/openai/sampling.h"

namespace fovea::serve {

namespace {

constexpr std::int64_t top_logprobs_max = 20;  // OpenAI's
constexpr std::size_t salt_bytes_max = 256;

// Fields of OpenAI's API that this server does not support. A request that uses one is refused: an answer
// without it would be an answer to another question. Values that ask for nothing (an empty list, "none",
// "auto") are accepted.
Parsed<void> refuse_unsupported(const JsonObject& body) {
  constexpr std::array<std::string_view, 8> names = {
      "tools", "functions", "audio", "prediction", "web_search_options", "tool_choice", "function_call", "suffix"};
  for (const std::string_view name : names) {
    const auto value = body.find(name);
    if (!value) continue;
    simdjson::dom::array list;
    std::string_view text;
    if (value->get_array().get(list) == simdjson::SUCCESS && list.size() == 0) continue;
    if (value->get_string().get(text) == simdjson::SUCCESS && (text == "none" || text == "auto")) continue;
    return refuse(std::string(name), std::format("{} is not supported: leave it out", name), "unsupported_parameter");
  }
  const auto choices = body.integer("n", 1, std::numeric_limits<std::int64_t>::max());
  if (!choices) return std::unexpected(choices.error());
  if (choices->value_or(1) != 1)
    return refuse("n", "n must be 1: ask several times, with another seed each", "unsupported_value");
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

}  // namespace

Parsed<void> read_delivery(const JsonObject& body, ChatRequest& request) {
  const auto model = body.text("model");
  if (!model) return std::unexpected(model.error());
  request.model = model->value_or("");
  const auto stream = body.truth("stream");
  if (!stream) return std::unexpected(stream.error());
  request.stream = stream->value_or(false);
  const auto salt = body.text("cache_salt");
  if (!salt) return std::unexpected(salt.error());
  if (salt->value_or("").size() > salt_bytes_max)
    return refuse("cache_salt", std::format("cache_salt may have {} bytes", salt_bytes_max));
  request.cache_salt = salt->value_or("");
  const auto options = body.find("stream_options");
  if (!options) return {};
  const auto object = JsonObject::of(*options, "stream_options");
  if (!object) return std::unexpected(object.error());
  const auto include_usage = object->truth("include_usage");
  if (!include_usage) return std::unexpected(include_usage.error());
  request.include_usage = include_usage->value_or(false);
  return {};
}

Parsed<ChatRequest> read_chat_request(const JsonObject& body, const RequestRules& rules) {
  ChatRequest request;
  if (auto supported = refuse_unsupported(body); !supported) return std::unexpected(supported.error());
  if (auto read = read_delivery(body, request); !read) return std::unexpected(read.error());
  auto options = read_sampling(body, rules.defaults);
  if (!options) return std::unexpected(options.error());
  request.options = std::move(*options);
  if (auto read = read_answer_format(body, "response_format", request.options); !read)
    return std::unexpected(read.error());
  if (auto read = read_log_probabilities(body, request); !read) return std::unexpected(read.error());
  if (auto read = read_messages(body, rules, request); !read) return std::unexpected(read.error());
  return request;
}

}  // namespace fovea::serve
