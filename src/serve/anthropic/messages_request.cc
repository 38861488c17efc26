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
  return {};
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
  if (const auto value = body.find("stop_sequences"); value && !value->is_array())
    return refuse("stop_sequences", "stop_sequences must be a list of texts", "invalid_type");
  if (auto read = read_stops(body, "stop_sequences", stops); !read) return read;
  if (std::ranges::contains(stops, "")) return refuse("stop_sequences", "a stop sequence must have some text");
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
  const auto output = body.find("output_config");
  if (!output) return {};
  const auto config = JsonObject::of(*output, "output_config");
  return config ? read_answer_format(*config, "format", options) : std::unexpected(config.error());
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
  if (request.messages.empty()) return refuse("messages", "messages has no content: ask something");
  return {};
}

// The answer goes on with a last message of the assistant, unless that calls a tool.
Parsed<void> check_end(ChatRequest& request) {
  const Message& last = request.messages.back();
  if (last.role != "assistant") return {};
  if (!last.tool_calls.empty())
    return refuse("messages", std::format("the last message calls the tool \"{}\": send its result, in a tool_result",
                                          last.tool_calls.back().name));
  request.continue_final = true;
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
  if (auto answerable = check_end(request); !answerable) return std::unexpected(answerable.error());
  return request;
}

Parsed<ChatRequest> read_messages_request(const JsonObject& body, const RequestRules& rules) {
  if (!body.find("max_tokens"))
    return refuse("max_tokens", "max_tokens is missing: how many tokens the answer may have",
                  "missing_required_parameter");
  return read_count_request(body, rules);
}

}  // namespace fovea::serve::anthropic
