// The head decides whether the body is streamed: only an event stream of status 200 is. An error of the other
// server is thus always whole, so that it can be passed on with its status.
#include "engine/upstream/upstream.h"

#include <algorithm>
#include <format>
#include <utility>

namespace fovea {

namespace {

// A media type's case does not matter, and parameters may follow it.
bool is_event_stream(std::string_view content_type) {
  constexpr std::string_view wanted = "text/event-stream";
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(content_type.substr(0, wanted.size()), wanted, {}, lower);
}

// Whether the key can be a header's value. One with a line end, from a file for example, cannot.
bool is_token(std::string_view key) {
  return std::ranges::all_of(key, [](char c) { return c > ' ' && c <= '~'; });
}

bool has_content_type(const std::vector<HttpHeader>& headers) {
  return std::ranges::contains(headers, "content-type", &HttpHeader::name);
}

}  // namespace

Result<std::unique_ptr<Upstream>> Upstream::open(UpstreamOptions options) {
  const auto url = Url::parse(options.url);
  if (!url) return fail(url.error().fault, std::format("the upstream server's address: {}", url.error().message));
  if (options.url.contains('?') || options.url.contains('#'))
    return fail(Fault::invalid, "the upstream server's address has a query or fragment: end it at /v1 or the like");
  if (!is_token(options.key))
    return fail(Fault::invalid, "the upstream server's key has blanks or other characters that no key has");
  while (options.url.ends_with('/')) options.url.pop_back();
  return std::unique_ptr<Upstream>(new Upstream(std::move(options)));
}

Result<UpstreamAnswer> Upstream::ask(const AskedApi& api, std::string_view body, const std::vector<HttpHeader>& headers,
                                     const OnBody& on_bytes, const std::stop_token& stop) {
  const std::string address = options_.url + std::string(path_of(api.api)) + std::string(api.query);
  auto request = request_of(HttpMethod::post, address, headers, body);
  if (!request) return std::unexpected(request.error());
  if (!has_content_type(headers)) request->headers.push_back({"Content-Type", "application/json"});
  add_anthropic_key(api.api == RelayedApi::messages, *request);
  request->body_bytes_max = options_.answer_bytes_max;
  return send(*request, on_bytes, stop);
}

Result<UpstreamAnswer> Upstream::get_models(const std::stop_token& stop) {
  auto request = request_of(HttpMethod::get, options_.url + "/models", {}, {});
  if (!request) return std::unexpected(request.error());
  request->body_bytes_max = options_.answer_bytes_max;
  return send(*request, {}, stop);
}

Result<HttpHead> Upstream::pass(const PassedRequest& passed, const OnHead& on_head, const OnBody& on_body,
                                const std::stop_token& stop) {
  auto request = request_of(passed.method, address_of(passed.target), passed.headers, passed.body);
  if (!request) return std::unexpected(request.error());
  add_anthropic_key(passed.target.starts_with("/v1/messages"), *request);
  request->timeouts.total_ms = passed.total_ms;
  request->body_bytes_max = passed_bytes_max;
  auto head = client_.send(*request, on_head, on_body, stop);
  if (!head) return fail(head.error().fault, std::format("the upstream server, {}", head.error().message));
  return head;
}

std::string Upstream::address_of(std::string_view target) const {
  constexpr std::string_view version = "/v1";
  const bool versioned = target == version || target.starts_with("/v1/") || target.starts_with("/v1?");
  if (versioned) return options_.url + std::string(target.substr(version.size()));
  const std::string_view url = options_.url;
  return std::string(url.ends_with(version) ? url.substr(0, url.size() - version.size()) : url) + std::string(target);
}

// Anthropic's API has a header of its own for keys. Its clients name the API's version on every path.
void Upstream::add_anthropic_key(bool by_path, HttpRequest& request) const {
  const bool wanted = by_path || std::ranges::contains(request.headers, "anthropic-version", &HttpHeader::name);
  if (wanted && !options_.key.empty()) request.headers.push_back({"x-api-key", options_.key});
}

Result<HttpRequest> Upstream::request_of(HttpMethod method, const std::string& address, std::vector<HttpHeader> headers,
                                         std::string_view body) const {
  auto url = Url::parse(address);
  if (!url) return std::unexpected(url.error());
  HttpRequest request{.method = method, .url = std::move(*url), .headers = std::move(headers), .body = body};
  request.timeouts = {.connect_ms = options_.connect_ms, .idle_ms = options_.idle_ms};
  if (!options_.key.empty()) request.headers.push_back({"Authorization", "Bearer " + options_.key});
  return request;
}

Result<UpstreamAnswer> Upstream::send(const HttpRequest& request, const OnBody& on_bytes, const std::stop_token& stop) {
  UpstreamAnswer answer;
  const auto on_head = [&](const HttpHead& head) {
    answer.status = head.status;
    answer.content_type = head.header("Content-Type");
    answer.retry_after = head.header("Retry-After");
    answer.cache_status = head.header("Cache-Status");
    answer.server_timing = head.header("Server-Timing");
    answer.streamed = on_bytes && head.status == 200 && is_event_stream(answer.content_type);
    return true;
  };
  const auto on_body = [&](std::string_view bytes) {
    if (answer.streamed) return on_bytes(bytes);
    answer.body += bytes;
    return true;
  };
  const auto head = client_.send(request, on_head, on_body, stop);
  if (!head) return fail(head.error().fault, std::format("the upstream server, {}", head.error().message));
  return answer;
}

}  // namespace fovea
