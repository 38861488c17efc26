// Upstream: a client of another server that speaks OpenAI's HTTP interface. Thread-safe: a call blocks its
// thread, and any number of calls may run at the same time. Owns its connections; borrows what is passed
// until the call returns.
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
  // The longest time without a byte from the server. A busy server queues the request and prefills images
  // before it sends the first one. OpenAI's own clients wait ten minutes.
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
  // Makes no connection yet.
  // Faults: invalid (the URL or the key cannot be used; the key is never in the message).
  static Result<std::unique_ptr<Upstream>> open(UpstreamOptions options);

  // The URL of the options, without slashes at its end.
  const std::string& url() const { return options_.url; }

  // POST chat/completions with `body`, a JSON object, unchanged. An event stream of status 200 goes to
  // `on_bytes` as it arrives, unless `on_bytes` is empty; if that returns false, the call ends with
  // cancelled. Everything else is in the answer's body. A response of any status is an answer.
  // Faults: those of HttpClient::send.
  Result<UpstreamAnswer> chat(std::string_view body, const std::function<bool(std::string_view bytes)>& on_bytes,
                              const std::stop_token& stop = {});
  // GET models.
  Result<UpstreamAnswer> get_models(const std::stop_token& stop = {});

 private:
  explicit Upstream(UpstreamOptions options) : options_(std::move(options)) {}
  Result<UpstreamAnswer> send(HttpMethod method, std::string_view path, std::string_view body, const OnBody& on_bytes,
                              const std::stop_token& stop);

  const UpstreamOptions options_;
  HttpClient client_;
};

}  // namespace fovea
