// Upstream: another server that speaks OpenAI's HTTP interface, asked over HTTP. Thread-safe: calls block their threads,
// any number at the same time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "fovea/result.h"
#include "http/http_client.h"

namespace fovea {

struct UpstreamOptions {
  std::string url;  // what its clients call base URL, such as http://host:8000/v1
  std::string key;  // sent as a bearer token; empty = none
  double connect_ms = 10'000;
  // Without a byte from it. A busy server reads pictures and waits in line before it writes the first one; ten minutes is
  // what OpenAI's own clients wait.
  double idle_ms = 600'000;
  std::uint64_t answer_bytes_max = 64 << 20;  // far above the longest answer with all its log probabilities
};

struct UpstreamAnswer {
  int status = 0;
  std::string content_type;
  // Headers as the server wrote them; empty if it did not.
  std::string retry_after;
  std::string cache_status;   // RFC 9211
  std::string server_timing;  // W3C Server Timing
  std::string body;           // empty where it was streamed
  bool streamed = false;
};

class Upstream {
 public:
  // Asks nothing yet. Faults: invalid (the URL or the key cannot be used; the key is never in the message).
  static Result<std::unique_ptr<Upstream>> open(UpstreamOptions options);

  // As it was given, without a slash at its end.
  const std::string& url() const { return options_.url; }

  // POST chat/completions with `body`, a JSON object, as it is. An event stream of status 200 goes to `on_bytes` as it
  // comes, unless that is empty; false from it ends the call with cancelled. Everything else is in the answer's body. An
  // answer with any status is an answer. Faults: those of HttpClient::send.
  Result<UpstreamAnswer> chat(std::string_view body, const std::function<bool(std::string_view bytes)>& on_bytes,
                              const std::stop_token& stop = {});
  // GET models.
  Result<UpstreamAnswer> get_models(const std::stop_token& stop = {});

 private:
  explicit Upstream(UpstreamOptions options) : options_(std::move(options)) {}
  Result<UpstreamAnswer> ask(HttpMethod method, std::string_view path, std::string_view body, const OnBody& on_bytes,
                             const std::stop_token& stop);

  const UpstreamOptions options_;
  HttpClient client_;
};

}  // namespace fovea
