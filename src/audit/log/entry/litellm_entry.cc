// The fields are those of LiteLLM's StandardLoggingPayload (docs.litellm.ai, "StandardLoggingPayload
// Specification"). Times are seconds since 1970, and texts in the rows of its database. What its own cache
// answered is counted as a prompt that the provider had.
#include "audit/log/entry/litellm_entry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "audit/log/client_name.h"
#include "audit/log/entry/entry_facts.h"
#include "audit/log/entry/prompt_walk.h"
#include "audit/log/entry/request_body.h"

namespace fovea {

namespace {

constexpr std::string_view redacted = "redacted-by-litellm";

// Calls that ask no model for an answer, by what is in the names of their types.
bool is_other_call(std::string_view type) {
  constexpr auto others =
      std::to_array<std::string_view>({"embedding", "image", "transcription", "speech", "moderation", "rerank", "file",
                                       "batch", "vector", "list", "ocr"});
  return std::ranges::any_of(others, [&](std::string_view other) { return type.contains(other); });
}

std::optional<std::uint32_t> count_in(const JsonFields& fields, std::string_view name) {
  const auto number = json_number(fields, name);
  if (!number || !(*number > 0 && *number <= std::numeric_limits<std::uint32_t>::max())) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

void read_client(const JsonFields& entry, AuditedRequest& request) {
  const auto metadata = json_object(entry, "metadata");
  constexpr auto aliases = std::to_array<std::string_view>(
      {"user_api_key_alias", "user_api_key_team_alias", "user_api_key_end_user_id", "user_api_key_user_id"});
  constexpr auto others = std::to_array<std::string_view>({"end_user", "user"});
  const auto take = [&](const JsonFields& fields, std::string_view name) {
    if (request.client.empty()) request.client = client_name(json_text(fields, name).value_or(""));
  };
  if (metadata) {
    for (const std::string_view name : aliases) take(*metadata, name);
  }
  for (const std::string_view name : others) take(entry, name);
  if (metadata && request.client.empty())
    request.client = hashed_key(json_text(*metadata, "user_api_key_hash").value_or(""));
  take(entry, "requester_ip_address");
}

void read_times(const JsonFields& entry, AuditedRequest& request) {
  request.time_ms = json_time(entry, "startTime");
  const auto end = json_time(entry, "endTime"), first = json_time(entry, "completionStartTime");
  if (!request.time_ms) return;
  if (end && *end >= *request.time_ms) request.duration_ms = *end - *request.time_ms;
  if (first && end && *first > *request.time_ms && *first < *end) request.first_token_ms = *first - *request.time_ms;
}

void read_tokens(const JsonFields& entry, AuditedRequest& request) {
  if (const auto metadata = json_object(entry, "metadata")) {
    if (const auto usage = json_object(*metadata, "usage_object")) read_usage(*usage, request);
  }
  if (const auto prompt = count_in(entry, "prompt_tokens")) request.prompt_tokens = prompt;
  if (const auto answer = count_in(entry, "completion_tokens")) request.answer_tokens = answer;
  bool hit = false;
  Json cache_hit;
  if (entry.at_key("cache_hit").get(cache_hit) == simdjson::SUCCESS &&
      cache_hit.get_bool().get(hit) == simdjson::SUCCESS && hit)
    request.cached_tokens = request.prompt_tokens;
}

// 200, or the provider's code of a failure, which is a text there.
std::uint16_t status_of(const JsonFields& entry) {
  const auto status = json_text(entry, "status");
  if (!status || *status == "success") return 200;
  std::uint16_t code = 0;
  if (const auto error = json_object(entry, "error_information")) {
    const std::string_view text = json_text(*error, "error_code").value_or("");
    std::from_chars(text.data(), text.data() + text.size(), code);
  }
  return code >= 100 && code <= 599 ? code : 500;
}

// Whether the messages were taken out by LiteLLM's setting turn_off_message_logging.
bool is_redacted(const Json& messages) {
  std::string_view text;
  if (messages.get_string().get(text) == simdjson::SUCCESS) return text == redacted;
  JsonList list;
  JsonFields only;
  if (messages.get_array().get(list) != simdjson::SUCCESS || list.size() != 1) return false;
  return list.at(0).get_object().get(only) == simdjson::SUCCESS && json_text(only, "content") == redacted;
}

// Of an entry around the payload, the payload.
JsonFields payload_of(const JsonFields& entry) {
  constexpr std::string_view name = "standard_logging_object";
  if (const auto payload = json_object(entry, name)) return *payload;
  const auto arguments = json_object(entry, "kwargs");
  const auto payload = arguments ? json_object(*arguments, name) : std::nullopt;
  return payload.value_or(entry);
}

}  // namespace

Result<bool> read_litellm_entry(const JsonFields& entry, PictureReader& pictures, AuditedRequest& request) {
  const JsonFields payload = payload_of(entry);
  const std::string_view call_type = json_text(payload, "call_type").value_or("");
  if (is_other_call(call_type)) return false;
  Json messages;
  if (payload.at_key("messages").get(messages) != simdjson::SUCCESS || messages.is_null())
    return fail(Fault::invalid,
                "it has no messages: LiteLLM logs them with store_prompts_in_spend_logs, or to a callback");
  if (is_redacted(messages))
    return fail(Fault::invalid, "LiteLLM took the messages out: its setting turn_off_message_logging is on");
  constexpr auto models = std::to_array<std::string_view>({"model_group", "model"});
  if (const auto model = json_first(payload, models); model && model->is_string())
    request.model = client_name(model->get_string().value_unsafe());
  request.route = route_name(call_type);
  request.status = status_of(payload);
  read_client(payload, request);
  read_times(payload, request);
  read_tokens(payload, request);
  PromptWalk prompt(pictures, request);
  if (const auto parameters = json_object(payload, "model_parameters")) {
    read_settings(*parameters, request);
    for (const std::string_view name : {"tools", "functions"}) {
      Json tools;
      if (parameters->at_key(name).get(tools) == simdjson::SUCCESS && !tools.is_null()) prompt.tools(tools);
    }
  }
  JsonFields fields;
  if (messages.get_object().get(fields) == simdjson::SUCCESS &&
      fields.at_key("messages").get(messages) != simdjson::SUCCESS)
    return fail(Fault::invalid, "its messages are no list");
  prompt.conversation(messages);
  if (auto finished = prompt.finished(); !finished) return std::unexpected(finished.error());
  return true;
}

}  // namespace fovea
