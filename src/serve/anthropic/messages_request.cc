// Each read_ function reads one group of fields, and the first refusal ends the reading: a client is told of
// one wrong field at a time.
#include "serve/anthropic/messages_request.h"

#include <algorithm>
#include <array>
#include <format>
#include <limits>
#include <utility>

#include "serve/anthropic/messages_content.h"
#include "serve/anthropic/messages_tools.h"
#include "serve/asking/answerable.h"
#include "serve/openai/answer_format.h"
#include "serve/openai/request_fields.h"
#include "serve/openai/sampling.h"

namespace fovea::serve::anthropic {

namespace {

// What only Anthropic's servers have. Values that ask for nothing are accepted.
Parsed<void> refuse_unsupported(const JsonObject& body) {
  constexpr std::array<std::string_view, 2> names = {"container", "mcp_servers"};
  for (const std::string_view name : names) {
    const auto value = body.find(name);
    simdjson::dom::array list;
    if (!value || (value->get_array().get(list) == simdjson::SUCCESS && list.size() == 0)) continue;
    return refuse(std::string(name), std::format("{} is not supported: leave it out", name), "unsupported_parameter");
  }
  return check_one_answer(body);
}

// {"type": "disabled", "enabled" or "adaptive"}: this server's answers have no thinking, whatever is asked.
Parsed<void> check_thinking(const JsonObject& body) {
  const auto value = body.find("thinking");
  if (!value) return {};
  const auto thinking = JsonObject::of(*value, "thinking");
  if (!thinking) return std::unexpected(thinking.error());
  const auto type = thinking->text("type");
  if (!type) return std::unexpected(type.error());
  const std::string_view kind = type->value_or("");
  if (kind == "disabled" || kind == "enabled" || kind == "adaptive") return {};
  return refuse("thinking.type", std::format("thinking.type must be enabled, adaptive or disabled, not \"{}\"", kind));
}

Parsed<void> read_stop_sequences(const JsonObject& body, std::vector<std::string>& stops) {
  const auto value = body.find("stop_sequences");
  if (!value) return {};
  if (!value->is_array()) return refuse("stop_sequences", "stop_sequences must be a list of texts", "invalid_type");
  if (auto read = read_stops(body, "stop_sequences", stops); !read) return read;
  if (std::ranges::contains(stops, "")) return refuse("stop_sequences", "a stop sequence must have some text");
  return {};
}

// output_config.format, and its older place output_format. What other APIs call it is read, too.
Parsed<void> read_output_format(const JsonObject& body, GenerateOptions& options) {
  if (auto read = read_structure(body, options); !read) return read;
  GenerateOptions formatted;
  if (const auto output = body.find("output_config")) {
    const auto config = JsonObject::of(*output, "output_config");
    if (!config) return std::unexpected(config.error());
    if (auto read = read_answer_format(*config, "format", formatted); !read) return read;
  }
  const bool twice = formatted.json_schema.has_value();
  if (auto read = read_answer_format(body, "output_format", formatted); !read) return read;
  if (!formatted.json_schema) return {};
  if (options.json_schema || (twice && body.find("output_format")))
    return refuse("output_format", "two fields say what the answer must be: send output_config.format alone");
  options.json_schema = std::move(formatted.json_schema);
  return {};
}

Parsed<void> read_options(const JsonObject& body, const RequestRules& rules, GenerateOptions& options) {
  if (const auto warm = body.number("temperature", 0, 1); !warm) return std::unexpected(warm.error());
  constexpr std::int64_t tokens_max = std::numeric_limits<std::int32_t>::max();
  if (const auto tokens = body.integer("max_tokens", 0, tokens_max); !tokens) return std::unexpected(tokens.error());
  if (auto known = check_fields(body); !known) return known;
  auto read = read_sampling(body, rules.defaults);
  if (!read) return std::unexpected(read.error());
  options = std::move(*read);
  if (auto stops = read_stop_sequences(body, options.stop); !stops) return stops;
  if (auto tools = read_messages_tools(body, options.tools); !tools) return tools;
  return read_output_format(body, options);
}

// The answer goes on with a last message of the assistant, unless that calls a tool. An empty one is dropped.
void read_end(ChatRequest& request) {
  const auto is_assistants = [&] { return !request.messages.empty() && request.messages.back().role == "assistant"; };
  const auto is_empty = [&] {
    return request.messages.back().tool_calls.empty() && !has_content(request.messages.back());
  };
  if (is_assistants() && is_empty()) request.messages.pop_back();
  request.continue_final = is_assistants() && request.messages.back().tool_calls.empty();
}

Parsed<void> read_turns(const JsonObject& body, const RequestRules& rules, ChatRequest& request) {
  const auto value = body.find("messages");
  if (!value) return refuse("messages", "messages is missing: a list of messages", "missing_required_parameter");
  simdjson::dom::array turns;
  if (value->get_array().get(turns) != simdjson::SUCCESS)
    return refuse("messages", "messages must be a list", "invalid_type");
  if (turns.size() == 0) return refuse("messages", "messages is empty: ask something");
  std::size_t index = 0;
  for (const Json turn : turns) {
    const std::string where = std::format("messages[{}]", index++);
    const auto object = JsonObject::of(turn, where);
    if (!object) return std::unexpected(object.error());
    if (auto read = read_turn(*object, where, rules, request); !read) return read;
    if (request.messages.size() > rules.messages_max)
      return refuse("messages", std::format("a request may have {} messages", rules.messages_max));
  }
  read_end(request);
  if (request.messages.empty()) return refuse("messages", "messages has no content: ask something");
  return {};
}

}  // namespace

Parsed<ChatRequest> read_count_request(const JsonObject& body, const RequestRules& rules) {
  ChatRequest request;
  if (auto supported = refuse_unsupported(body); !supported) return std::unexpected(supported.error());
  if (auto known = check_thinking(body); !known) return std::unexpected(known.error());
  if (auto read = read_delivery(body, request); !read) return std::unexpected(read.error());
  if (auto read = read_options(body, rules, request.options); !read) return std::unexpected(read.error());
  if (auto read = read_system(body, request); !read) return std::unexpected(read.error());
  if (auto read = read_turns(body, rules, request); !read) return std::unexpected(read.error());
  return request;
}

Parsed<ChatRequest> read_messages_request(const JsonObject& body, const RequestRules& rules) {
  if (!body.find("max_tokens"))
    return refuse("max_tokens", "max_tokens is missing: how many tokens the answer may have",
                  "missing_required_parameter");
  return read_count_request(body, rules);
}

}  // namespace fovea::serve::anthropic
