// All fields of a body that are not its prompt, and do not only say who asks or how the answer is delivered,
// change the answer: servers have more of them than anybody lists. Their hashes are added up, so that their
// order does not matter.
#include "audit/log/request_body.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string>

#include "audit/log/client_name.h"
#include "audit/log/content_hash.h"
#include "audit/log/prompt_walk.h"

namespace fovea {

namespace {

constexpr auto not_settings = std::to_array<std::string_view>({"model",
                                                               "messages",
                                                               "input",
                                                               "prompt",
                                                               "system",
                                                               "instructions",
                                                               "tools",
                                                               "functions",
                                                               "stream",
                                                               "stream_options",
                                                               "user",
                                                               "metadata",
                                                               "safety_identifier",
                                                               "prompt_cache_key",
                                                               "prompt_cache_retention",
                                                               "store",
                                                               "service_tier",
                                                               "request_id",
                                                               "priority",
                                                               "timeout",
                                                               "extra_headers",
                                                               "extra_query",
                                                               "litellm_metadata",
                                                               "return_token_ids"});

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

Result<void> read_request_body(const JsonFields& body, PictureReader& pictures, AuditedRequest& request) {
  if (!is_request_body(body)) return fail(Fault::invalid, "it has no messages, and no model with an input or a prompt");
  request.model = json_text(body, "model").value_or("");
  request.deterministic = is_deterministic(body);
  request.settings_hash = 0;
  for (const auto [name, value] : body) {
    if (!std::ranges::contains(not_settings, name) && !value.is_null())
      request.settings_hash += hash_of_setting(name, value);
  }
  if (request.client.empty()) request.client = client_name(client_in(body).value_or(""));
  if (request.route.empty()) request.route = route_of(body);
  PromptWalk prompt(pictures, request);
  walk(body, prompt);
  return prompt.finished();
}

}  // namespace fovea
