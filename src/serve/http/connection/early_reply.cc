// A request with a body that is not read ends its connection: nothing tells where the next one begins.
#include "serve/http/connection/early_reply.h"

#include <algorithm>
#include <format>
#include <iterator>
#include <string>
#include <utility>

#include "serve/http/connection/request_reader.h"
#include "serve/http/message/equal_names.h"
#include "serve/http/message/foreign_page.h"
#include "serve/send_refusal.h"

namespace fovea::serve {

namespace {

// What may be asked of a path, and which pages may.
EarlyReply options_of(const RequestHead& head, std::string_view allowed, const Cors& cors) {
  const std::string allow(allowed.empty() ? "GET, HEAD, POST, DELETE, OPTIONS" : allowed);
  EarlyReply early{.reply = {.status = 204, .content_type = {}, .headers = {{"Allow", allow}}, .body = {}},
                   .is_preflight = Cors::is_preflight(head)};
  if (early.is_preflight) std::ranges::move(cors.preflight(head, allowed), std::back_inserter(early.reply.headers));
  return early;
}

// What a handler could not make good.
std::optional<EarlyReply> refused_body(const RequestHead& head, const RouteTable::Match& match,
                                       std::uint64_t bytes_max) {
  const auto refuse = [&](const Refusal& refusal) {
    return EarlyReply{.reply = refusal_to(head, match, refusal), .closes = true};
  };
  const std::string_view expected = head.header("expect");
  if (!expected.empty() && head.http_1_1 && !equal_names(expected, "100-continue"))
    return refuse({417, std::format("the expectation {} cannot be met", expected), {}, "unsupported"});
  if (!content_coding_of(head.header("content-encoding"))) {
    EarlyReply early =
        refuse({415, std::format("the Content-Encoding is none of {}", known_codings), {}, "unsupported"});
    early.reply.headers.emplace_back("Accept-Encoding", known_codings);
    return early;
  }
  if (head.length.value_or(0) > bytes_max) return refuse(body_too_large(bytes_max));
  return std::nullopt;
}

}  // namespace

Reply refusal_to(const RequestHead& head, const RouteTable::Match& match, const Refusal& refusal) {
  return refusal_reply(refusal, {.path = std::string(match.version_prefix) + head.path,
                                 .anthropic_version = head.header("anthropic-version"),
                                 .id = head.header("x-request-id")});
}

std::optional<EarlyReply> early_reply(const RequestHead& head, const RouteTable::Match& match,
                                      const ConnectionParts& parts) {
  if (parts.draining) {
    const Refusal refusal{503, "the server is shutting down: ask again in a moment", {}, "shutting_down", 1};
    return EarlyReply{.reply = refusal_to(head, match, refusal), .closes = true};
  }
  const bool known = !match.allow.empty() || (head.method == "OPTIONS" && head.path == "*");
  if (!known) {
    const Refusal refusal{404, std::format("there is nothing at {}", head.path), {}, "not_found"};
    return EarlyReply{.reply = refusal_to(head, match, refusal), .closes = has_body(head)};
  }
  if (head.method == "OPTIONS" && (match.route == nullptr || Cors::is_preflight(head))) {
    EarlyReply early = options_of(head, match.allow, parts.cors);
    early.closes = has_body(head);
    return early;
  }
  if (match.route == nullptr) {
    const Refusal refusal{405, std::format("{} does not take {}", head.path, head.method), {}, "method_not_allowed"};
    EarlyReply early{.reply = refusal_to(head, match, refusal), .closes = has_body(head)};
    early.reply.headers.emplace_back("Allow", match.allow);
    return early;
  }
  const auto refused =
      parts.options.pages_checked ? refused_page(head, parts.cors, parts.options.names_checked) : std::nullopt;
  if (refused) return EarlyReply{.reply = refusal_to(head, match, *refused), .closes = has_body(head)};
  if (match.route->admit) {
    if (const auto admitted = match.route->admit(head); !admitted)
      return EarlyReply{.reply = refusal_to(head, match, admitted.error()), .closes = has_body(head)};
  }
  return refused_body(head, match, parts.options.body_bytes_max);
}

}  // namespace fovea::serve
