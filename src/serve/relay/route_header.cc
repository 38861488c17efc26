// Refused are the names that would break the request, stand beside a secret, or be in the key of an answer.
// That is not every header with a meaning: which one the balancer reads is the operator's choice.
#include "serve/relay/route_header.h"

#include <algorithm>
#include <array>
#include <format>

namespace fovea::serve {

namespace {

constexpr std::size_t name_max = 128;  // of any header that people use, the longest have some 40

bool is_token_character(char c) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || marks.contains(c);
}

// Each would change what the other server takes the request for, or where it ends. Those in the second list
// begin families; of these, Anthropic's and OpenAI's are in the keys of answers.
bool has_meaning(std::string_view name) {
  constexpr std::array<std::string_view, 23> names = {"connection",
                                                      "keep-alive",
                                                      "te",
                                                      "trailer",
                                                      "transfer-encoding",
                                                      "upgrade",
                                                      "host",
                                                      "expect",
                                                      "range",
                                                      "authorization",
                                                      "cookie",
                                                      "set-cookie",
                                                      "date",
                                                      "via",
                                                      "forwarded",
                                                      "user-agent",
                                                      "x-api-key",
                                                      "idempotency-key",
                                                      "traceparent",
                                                      "tracestate",
                                                      "x-request-id",
                                                      "cache-control",
                                                      "http2-settings"};
  constexpr std::array<std::string_view, 8> families = {"content-", "proxy-",     "accept",  "if-",
                                                        "sec-",     "anthropic-", "openai-", "x-forwarded-"};
  return std::ranges::contains(names, name) ||
         std::ranges::any_of(families, [&](std::string_view family) { return name.starts_with(family); });
}

}  // namespace

Result<std::string> check_route_header(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (lower.empty() || lower.size() > name_max || !std::ranges::all_of(lower, is_token_character))
    return fail(Fault::invalid, std::format("{} is no header's name: letters, digits and dashes, such as x-route-key, "
                                            "{} at most",
                                            name.empty() ? "an empty text" : name.substr(0, name_max), name_max));
  if (has_meaning(lower))
    return fail(
        Fault::invalid,
        std::format("{} has a meaning of its own: take a name that nobody else uses, such as x-route-key", name));
  return lower;
}

}  // namespace fovea::serve
