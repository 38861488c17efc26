// The body is looked for from the outside in, and the facts of each object around it are taken on the way:
// the outermost count first, since a gateway's own time and client are better than what a client sent. The
// reply is read before the body, since both may be JSON in a text, and one parser has one document at a time.
#include "audit/log/entry/entry_reader.h"

#include <array>

#include "audit/log/entry/entry_facts.h"
#include "audit/log/entry/request_body.h"

namespace fovea {

namespace {

constexpr auto body_names =
    std::to_array<std::string_view>({"body", "request", "request_body", "requestBody", "reqPayload", "req", "payload",
                                     "json", "params", "kwargs", "data", "proxy_server_request", "providerRequest"});
constexpr auto reply_names = std::to_array<std::string_view>(
    {"response", "response_body", "responseBody", "respPayload", "resp", "reply", "completion", "providerResponse"});
constexpr int depth_max = 4;  // of objects around a body: {"request": {"body": ...}} has two

}  // namespace

Result<bool> EntryReader::read(const JsonFields& entry, AuditedRequest& request) {
  if (const auto reply = json_first(entry, reply_names)) read_reply_in(*reply, request);
  if (const auto usage = json_object(entry, "usage")) read_usage(*usage, request);
  const auto body = body_in(entry, depth_max, request);
  if (!body) {
    const bool has_one = json_first(entry, body_names).has_value();
    if (has_one && json_first(entry, std::to_array<std::string_view>({"method", "url", "path"}))) return false;
    return fail(Fault::invalid,
                "no request is in it: neither messages, input or prompt, nor a body or request that has them");
  }
  if (auto read = read_request_body(*body, pictures_, request); !read) return std::unexpected(read.error());
  return true;
}

void EntryReader::read_reply_in(const Json& value, AuditedRequest& request) {
  JsonFields fields;
  std::string_view text;
  if (value.get_object().get(fields) == simdjson::SUCCESS) {
    read_reply(fields, request);
    if (const auto body = json_text(fields, "body"); body && body->contains("\"usage\"")) {
      if (const auto reply = parsed(*body)) read_reply(*reply, request);
    }
  } else if (value.get_string().get(text) == simdjson::SUCCESS && text.contains("\"usage\"")) {
    if (const auto reply = parsed(text)) read_reply(*reply, request);
  }
}

std::optional<JsonFields> EntryReader::parsed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || text[begin] != '{') return std::nullopt;
  const auto fields = nested_.object(text);
  return fields ? std::optional(*fields) : std::nullopt;
}

// The outermost object that is a body, and the facts of those around it.
std::optional<JsonFields> EntryReader::body_in(const JsonFields& entry, int depth, AuditedRequest& request) {
  read_facts(entry, request);
  if (is_request_body(entry)) return entry;
  if (depth == 0) return std::nullopt;
  for (const std::string_view name : body_names) {
    Json value;
    if (entry.at_key(name).get(value) != simdjson::SUCCESS) continue;
    JsonFields inner;
    std::string_view text;
    if (value.get_object().get(inner) == simdjson::SUCCESS) {
      if (auto body = body_in(inner, depth - 1, request)) return body;
    } else if (value.get_string().get(text) == simdjson::SUCCESS) {
      const auto fields = parsed(text);
      if (fields && is_request_body(*fields)) return fields;
    }
  }
  return std::nullopt;
}

}  // namespace fovea
