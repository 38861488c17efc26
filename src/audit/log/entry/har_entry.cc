#include "audit/log/entry/har_entry.h"

#include <algorithm>
#include <array>

#include "audit/log/client_name.h"
#include "audit/log/entry/entry_facts.h"
#include "audit/log/entry/request_body.h"

namespace fovea {

namespace {

bool equal_letters(std::string_view text, std::string_view lower) {
  const auto lowered = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(text, lower, {}, lowered);
}

// Who asked: of a browser there is only the API key.
std::string client_of(const JsonFields& request) {
  constexpr auto key_headers = std::to_array<std::string_view>({"authorization", "x-api-key", "api-key"});
  const auto headers = json_list(request, "headers");
  if (!headers) return {};
  for (const Json element : *headers) {
    JsonFields header;
    if (element.get_object().get(header) != simdjson::SUCCESS) continue;
    const std::string_view name = json_text(header, "name").value_or("");
    const bool is_key = std::ranges::any_of(key_headers, [&](auto key) { return equal_letters(name, key); });
    if (is_key) return hashed_key(json_text(header, "value").value_or(""));
  }
  return {};
}

}  // namespace

Result<bool> read_har_entry(const JsonFields& entry, EntryReader& bodies, PictureReader& pictures,
                            AuditedRequest& request) {
  const auto asked = json_object(entry, "request");
  if (!asked) return fail(Fault::invalid, "it has no request");
  const auto posted = json_object(*asked, "postData");
  if (!posted || json_text(*asked, "method") != "POST") return false;
  request.time_ms = json_time(entry, "startedDateTime");
  if (const auto ms = json_number(entry, "time"); ms && *ms >= 0) request.duration_ms = ms;
  request.client = client_of(*asked);
  request.route = route_name(json_text(*asked, "url").value_or(""));
  if (const auto response = json_object(entry, "response")) {
    read_reply(*response, request);
    Json text;
    const auto content = json_object(*response, "content");
    if (content && content->at_key("text").get(text) == simdjson::SUCCESS) bodies.read_reply_in(text, request);
  }
  const auto body = bodies.parsed(json_text(*posted, "text").value_or(""));
  if (!body || !is_request_body(*body)) return false;
  if (auto read = read_request_body(*body, pictures, request); !read) return std::unexpected(read.error());
  return true;
}

}  // namespace fovea
