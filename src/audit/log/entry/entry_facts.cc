// Everybody wraps requests differently. The names here are those of LiteLLM, Helicone, Portkey, OpenPipe,
// OpenAI's batches, and of what people write with ten lines of their own. A duration counts only where its
// name has a unit, or where there are two times.
#include "audit/log/entry/entry_facts.h"

#include <array>
#include <cmath>
#include <limits>

#include "audit/log/client_name.h"
#include "audit/log/log_time.h"

namespace fovea {

namespace {

using Name = std::string_view;

constexpr auto begin_names =
    std::to_array<Name>({"startTime", "start_time", "startedDateTime", "requestedAt", "requested_at", "timestamp",
                         "@timestamp", "time", "ts", "created_at", "createdAt", "created", "datetime", "date"});
constexpr auto end_names =
    std::to_array<Name>({"endTime", "end_time", "receivedAt", "received_at", "completed_at", "completedAt"});
constexpr auto duration_names = std::to_array<Name>(
    {"duration_ms", "latency_ms", "elapsed_ms", "response_time_ms", "total_ms", "durationMs", "latencyMs"});
constexpr auto duration_names_in_seconds =
    std::to_array<Name>({"duration_s", "latency_s", "elapsed_s", "duration_seconds", "latency_seconds"});
constexpr auto first_token_names =
    std::to_array<Name>({"first_token_ms", "ttft_ms", "time_to_first_token_ms", "timeToFirstToken"});
// The one that a report is most useful with comes first: an application rather than its thousand users.
constexpr auto client_names = std::to_array<Name>({"client", "api_key_alias", "key_alias", "tenant", "team", "end_user",
                                                   "user", "user_id", "client_ip", "remote_addr", "ip"});
constexpr auto key_names = std::to_array<Name>({"api_key", "apiKey", "authorization", "Authorization"});
constexpr auto route_names = std::to_array<Name>({"route", "path", "url", "endpoint"});
constexpr auto status_names = std::to_array<Name>({"status_code", "statusCode", "status", "respStatus"});

std::optional<std::uint32_t> count_of(std::optional<double> number) {
  if (!number || !(*number >= 0 && *number <= std::numeric_limits<std::uint32_t>::max())) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

template <typename Names>
std::optional<double> first_number(const JsonFields& fields, const Names& names) {
  for (const Name name : names) {
    if (const auto number = json_number(fields, name); number && std::isfinite(*number)) return number;
  }
  return std::nullopt;
}

template <typename Names>
std::optional<double> first_time(const JsonFields& fields, const Names& names) {
  for (const Name name : names) {
    if (const auto time = json_time(fields, name)) return time;
  }
  return std::nullopt;
}

template <typename Names>
std::optional<std::string_view> first_text(const JsonFields& fields, const Names& names) {
  for (const Name name : names) {
    if (const auto text = json_text(fields, name); text && !text->empty()) return text;
  }
  return std::nullopt;
}

std::optional<double> duration_of(const JsonFields& entry, std::optional<double> begin) {
  if (const auto ms = first_number(entry, duration_names)) return ms;
  if (const auto seconds = first_number(entry, duration_names_in_seconds)) return *seconds * 1000;
  const auto end = first_time(entry, end_names);
  return begin && end && *end >= *begin ? std::optional(*end - *begin) : std::nullopt;
}

void read_status(const JsonFields& fields, AuditedRequest& request) {
  const auto status = count_of(first_number(fields, status_names));
  if (request.status == 0 && status && *status >= 100 && *status <= 599)
    request.status = static_cast<std::uint16_t>(*status);
}

// The keys of `names` that are there, added up; nullopt if none is.
std::optional<std::uint32_t> sum_of(const JsonFields& fields, std::initializer_list<Name> names) {
  std::optional<std::uint32_t> sum;
  for (const Name name : names) {
    if (const auto count = count_of(json_number(fields, name))) sum = sum.value_or(0) + *count;
  }
  return sum;
}

}  // namespace

std::optional<double> json_time(const JsonFields& fields, std::string_view name) {
  if (const auto number = json_number(fields, name)) return unix_ms(*number);
  const auto text = json_text(fields, name);
  return text ? unix_ms(*text) : std::nullopt;
}

void read_facts(const JsonFields& entry, AuditedRequest& request) {
  if (!request.time_ms) request.time_ms = first_time(entry, begin_names);
  if (!request.duration_ms) request.duration_ms = duration_of(entry, request.time_ms);
  if (!request.first_token_ms) request.first_token_ms = first_number(entry, first_token_names);
  if (request.client.empty()) request.client = client_name(first_text(entry, client_names).value_or(""));
  if (request.client.empty()) request.client = hashed_key(first_text(entry, key_names).value_or(""));
  if (request.route.empty()) request.route = route_name(first_text(entry, route_names).value_or(""));
  read_status(entry, request);
}

void read_reply(const JsonFields& reply, AuditedRequest& request) {
  read_status(reply, request);
  if (const auto usage = json_object(reply, "usage")) return read_usage(*usage, request);
  if (const auto body = json_object(reply, "body")) {
    if (const auto usage = json_object(*body, "usage")) read_usage(*usage, request);
  }
}

void read_usage(const JsonFields& usage, AuditedRequest& request) {
  request.prompt_tokens = count_of(json_number(usage, "prompt_tokens"));
  request.answer_tokens = count_of(json_number(usage, "completion_tokens"));
  for (const Name name : {"prompt_tokens_details", "input_tokens_details"}) {
    const auto details = json_object(usage, name);
    if (details && !request.cached_tokens) request.cached_tokens = count_of(json_number(*details, "cached_tokens"));
  }
  if (!request.answer_tokens) request.answer_tokens = count_of(json_number(usage, "output_tokens"));
  if (request.prompt_tokens) return;
  // Anthropic counts apart what was read from its cache and written into it; OpenAI's Responses do not.
  request.prompt_tokens = sum_of(usage, {"input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"});
  if (!request.cached_tokens) request.cached_tokens = count_of(json_number(usage, "cache_read_input_tokens"));
}

}  // namespace fovea
