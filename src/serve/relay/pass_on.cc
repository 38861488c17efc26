// Both directions go by lists: of the client's headers those are sent that are known to matter, and of the
// other server's those are left out that are about the connection, about cookies, or Fovea's own.
#include "serve/relay/pass_on.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <format>
#include <memory>
#include <string>

#include "engine/upstream/passed_target.h"
#include "serve/relay/upstream_refusal.h"

namespace fovea::serve {

namespace {

// Longer answers are streamed, and so are those that do not say how long they are.
constexpr std::uint64_t whole_bytes_max = 8 << 20;

constexpr std::string_view not_looked_for = "fovea; fwd=bypass; detail=\"not an answer that is cached\"";

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// Whether a path is served here, or would be by another Fovea behind this one. Such a path comes here only in
// another spelling, or with another method.
bool is_own(std::string_view path) {
  if (path.starts_with("/v1/")) path.remove_prefix(3);
  constexpr std::array<std::string_view, 6> own = {"/cache", "/dashboard", "/files", "/metrics", "/health", "/ready"};
  return path == "/" || std::ranges::any_of(own, [&](std::string_view place) {
           return path == place || (path.starts_with(place) && path[place.size()] == '/');
         });
}

bool is_left_out(std::string_view name) {
  constexpr std::array<std::string_view, 17> hops = {"connection",
                                                     "keep-alive",
                                                     "proxy-authenticate",
                                                     "proxy-authorization",
                                                     "proxy-connection",
                                                     "te",
                                                     "trailer",
                                                     "upgrade",
                                                     "transfer-encoding",
                                                     "content-length",
                                                     "content-type",
                                                     "set-cookie",
                                                     "date",
                                                     "server",
                                                     "alt-svc",
                                                     "cache-status",
                                                     "strict-transport-security"};
  return std::ranges::contains(hops, name) || name.starts_with("access-control-");
}

Reply reply_head(const HttpHead& head) {
  Reply reply{
      .status = head.status, .content_type = std::string(head.header("content-type")), .headers = {}, .body = {}};
  for (const HttpHeader& header : head.headers) {
    if (!is_left_out(lower(header.name))) reply.headers.emplace_back(header.name, header.value);
  }
  const std::string behind(head.header("cache-status"));  // the cache next to the client comes last (RFC 9211)
  reply.headers.emplace_back("Cache-Status", (behind.empty() ? "" : behind + ", ") + std::string(not_looked_for));
  return reply;
}

std::optional<std::uint64_t> length_of(const HttpHead& head) {
  const std::string text(head.header("content-length"));
  const char* end = text.data() + text.size();
  std::uint64_t bytes = 0;
  const auto read = std::from_chars(text.data(), end, bytes);
  if (text.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return bytes;
}

// Whether the answer is handed over in one piece: its length is known and moderate, or it has no body. The
// answer to a HEAD that tells no length is a stream without bytes, which tells none either.
bool comes_whole(const HttpHead& head, HttpMethod method) {
  if (head.status == 204 || head.status == 304) return true;
  const auto length = length_of(head);
  return length && (method == HttpMethod::head || *length <= whole_bytes_max);
}

// One answer on its way back.
class PassedAnswer {
 public:
  PassedAnswer(Exchange& exchange, HttpMethod method) : exchange_(exchange), method_(method) {}

  bool take_head(const HttpHead& head) {
    reply_ = reply_head(head);
    if (method_ == HttpMethod::head || head.status == 304) reply_.length = length_of(head);
    if (!comes_whole(head, method_)) stream_ = exchange_.begin_stream(std::move(reply_));
    return true;
  }

  bool take_body(std::string_view bytes) {
    if (stream_) return stream_->send(bytes) && stream_->wait_for_room();
    reply_.body += bytes;
    return true;
  }

  void end() {
    if (!stream_) exchange_.reply(std::move(reply_));
    stream_.reset();
  }

  // A stream that broke: its client must not take it for a whole one.
  void abort() {
    if (stream_) stream_->abort();
    stream_.reset();
  }

  bool began() const { return stream_ != nullptr; }

 private:
  Exchange& exchange_;
  const HttpMethod method_;
  Reply reply_;
  std::unique_ptr<BodyStream> stream_;
};

}  // namespace

std::vector<HttpHeader> passed_headers(const Exchange& exchange, std::string_view route_header) {
  constexpr std::array<std::string_view, 11> known = {
      "content-type",      "content-encoding", "accept",       "accept-language", "if-none-match", "range",
      "if-modified-since", "idempotency-key",  "x-request-id", "traceparent",     "tracestate"};
  std::vector<HttpHeader> headers;
  for (const auto& [name, value] : exchange.all_headers()) {
    if (std::ranges::contains(known, name) || name.starts_with("anthropic-") || name.starts_with("openai-") ||
        name == route_header)
      headers.push_back({name, value});
  }
  return headers;
}

Parsed<void> pass_on(Exchange& exchange, Upstream& upstream, std::optional<double> timeout_ms,
                     std::string_view route_header) {
  const auto method = http_method(exchange.method());
  if (!method) return std::unexpected(Refusal{405, "this method is not passed on", {}, "method_not_allowed"});
  auto target = passed_target(exchange.target());
  if (!target) return std::unexpected(Refusal{404, target.error().message, {}, "not_found"});
  if (is_own(target->path))
    return std::unexpected(Refusal{404, "there is nothing here by this path and method", {}, "not_found"});
  const PassedRequest request{.method = *method,
                              .target = std::move(target->text),
                              .headers = passed_headers(exchange, route_header),
                              .body = exchange.body(),
                              .total_ms = timeout_ms};
  PassedAnswer answer(exchange, *method);
  const auto head = upstream.pass(
      request, [&](const HttpHead& got) { return answer.take_head(got); },
      [&](std::string_view bytes) { return answer.take_body(bytes); }, exchange.client_gone());
  if (!head && !answer.began()) return std::unexpected(upstream_refusal(head.error()));
  if (head)
    answer.end();
  else
    answer.abort();
  return {};
}

}  // namespace fovea::serve
