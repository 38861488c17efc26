// Which fields change an answer is a list of names: logs add fields of their own to a request, an id or a
// time among them, and with such a one no request would be a repeat. What is missing here makes two requests
// repeats of each other that are none. Hashes of settings are added up, so that their order does not matter.
#include "audit/log/entry/request_body.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string>

#include "audit/log/client_name.h"
#include "audit/log/content/content_hash.h"
#include "audit/log/entry/prompt_walk.h"

namespace fovea {

namespace {

constexpr auto settings = std::to_array<std::string_view>({"temperature",
                                                           "top_p",
                                                           "top_k",
                                                           "min_p",
                                                           "typical_p",
                                                           "top_a",
                                                           "seed",
                                                           "n",
                                                           "best_of",
                                                           "max_tokens",
                                                           "max_completion_tokens",
                                                           "max_output_tokens",
                                                           "min_tokens",
                                                           "n_predict",
                                                           "stop",
                                                           "stop_sequences",
                                                           "stop_token_ids",
                                                           "ignore_eos",
                                                           "presence_penalty",
                                                           "frequency_penalty",
                                                           "repetition_penalty",
                                                           "repeat_penalty",
                                                           "length_penalty",
                                                           "logit_bias",
                                                           "bad_words",
                                                           "allowed_token_ids",
                                                           "logprobs",
                                                           "top_logprobs",
                                                           "response_format",
                                                           "text",
                                                           "format",
                                                           "json_schema",
                                                           "grammar",
                                                           "guided_json",
                                                           "guided_regex",
                                                           "guided_choice",
                                                           "guided_grammar",
                                                           "structured_outputs",
                                                           "regex",
                                                           "ebnf",
                                                           "tool_choice",
                                                           "function_call",
                                                           "parallel_tool_calls",
                                                           "max_tool_calls",
                                                           "reasoning",
                                                           "reasoning_effort",
                                                           "thinking",
                                                           "verbosity",
                                                           "modalities",
                                                           "audio",
                                                           "prediction",
                                                           "truncation",
                                                           "truncate_prompt_tokens",
                                                           "previous_response_id",
                                                           "conversation",
                                                           "context_management",
                                                           "web_search_options",
                                                           "mcp_servers",
                                                           "container",
                                                           "suffix",
                                                           "echo",
                                                           "use_beam_search",
                                                           "skip_special_tokens",
                                                           "chat_template",
                                                           "chat_template_kwargs",
                                                           "add_generation_prompt",
                                                           "continue_final_message",
                                                           "mm_processor_kwargs",
                                                           "mirostat",
                                                           "mirostat_tau",
                                                           "mirostat_eta",
                                                           "dynatemp_range",
                                                           "samplers",
                                                           "lora",
                                                           "cache_salt"});

// 0, 0.0 and -0.0 are the same number, whatever the client's language makes of it.
std::uint64_t hash_of_setting(std::string_view name, const Json& value) {
  const std::uint64_t named = content_hash(ContentKind::setting, name);
  double number = 0;
  if (value.get_double().get(number) == simdjson::SUCCESS) {
    const auto bits = std::bit_cast<std::array<std::byte, sizeof number>>(number == 0 ? 0.0 : number);
    return content_hash(ContentKind::setting, bits, named);
  }
  return content_hash(ContentKind::setting, std::string(simdjson::minify(value)), named);
}

// Servers take -1 for a fresh seed.
bool is_deterministic(const JsonFields& body) {
  const auto seed = json_number(body, "seed");
  return json_number(body, "temperature") == 0 || (seed && *seed >= 0);
}

std::optional<std::string_view> client_in(const JsonFields& body) {
  constexpr auto names = std::to_array<std::string_view>({"user", "safety_identifier"});
  for (const std::string_view name : names) {
    if (const auto client = json_text(body, name)) return client;
  }
  const auto metadata = json_object(body, "metadata");
  return metadata ? json_text(*metadata, "user_id") : std::nullopt;
}

bool has(const JsonFields& body, std::string_view name) { return body.at_key(name).error() == simdjson::SUCCESS; }

std::string_view route_of(const JsonFields& body) {
  if (has(body, "input")) return "/v1/responses";
  if (!has(body, "messages")) return "/v1/completions";
  const bool anthropic = has(body, "system") || has(body, "anthropic_version") ||
                         json_text(body, "model").value_or("").starts_with("claude");
  return anthropic ? "/v1/messages" : "/v1/chat/completions";
}

void walk(const JsonFields& body, PromptWalk& prompt) {
  // The order in which templates put them: tools, then instructions, then the conversation.
  struct Step {
    std::string_view name;
    void (PromptWalk::*go)(const Json&);
  };
  constexpr auto steps = std::to_array<Step>({{"tools", &PromptWalk::tools},
                                              {"functions", &PromptWalk::tools},
                                              {"system", &PromptWalk::system},
                                              {"instructions", &PromptWalk::system},
                                              {"messages", &PromptWalk::conversation},
                                              {"input", &PromptWalk::conversation},
                                              {"prompt", &PromptWalk::prompt}});
  for (const auto& [name, go] : steps) {
    Json value;
    if (body.at_key(name).get(value) == simdjson::SUCCESS && !value.is_null()) (prompt.*go)(value);
  }
}

}  // namespace

bool is_request_body(const JsonFields& body) {
  return json_list(body, "messages") || ((has(body, "input") || has(body, "prompt")) && has(body, "model"));
}

void read_settings(const JsonFields& fields, AuditedRequest& request) {
  request.deterministic = is_deterministic(fields);
  request.settings_hash = 0;
  for (const auto [name, value] : fields) {
    if (std::ranges::contains(settings, name) && !value.is_null())
      request.settings_hash += hash_of_setting(name, value);
  }
}

Result<void> read_request_body(const JsonFields& body, PictureReader& pictures, AuditedRequest& request) {
  if (!is_request_body(body)) return fail(Fault::invalid, "it has no messages, and no model with an input or a prompt");
  request.model = client_name(json_text(body, "model").value_or(""));
  read_settings(body, request);
  if (request.client.empty()) request.client = client_name(client_in(body).value_or(""));
  if (request.route.empty()) request.route = route_of(body);
  PromptWalk prompt(pictures, request);
  walk(body, prompt);
  return prompt.finished();
}

}  // namespace fovea
