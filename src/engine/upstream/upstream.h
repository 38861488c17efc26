// Upstream: a client of another server that speaks OpenAI's HTTP interface. Thread-safe: a call blocks its
// thread, and any number of calls may run at the same time. Owns its connections; borrows what is passed
// until the call returns.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/upstream/relayed_api.h"
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

// Where an answer is asked for.
struct AskedApi {
  RelayedApi api = RelayedApi::chat;
  std::string_view query;  // with its question mark, fit for a URL; empty = none
};

// A request that is passed on as a client sent it.
struct PassedRequest {
  HttpMethod method = HttpMethod::get;
  std::string target;  // of passed_target()
  std::vector<HttpHeader> headers;
  std::string_view body;
  std::optional<double> total_ms;
};

class Upstream {
 public:
  // Of one answer that is passed on. Servers of models send no larger ones.
  static constexpr std::uint64_t passed_bytes_max = 256 << 20;

  // Makes no connection yet.
  // Faults: invalid (the URL or the key cannot be used; the key is never in the message).
  static Result<std::unique_ptr<Upstream>> open(UpstreamOptions options);

  // The URL of the options, without slashes at its end.
  const std::string& url() const { return options_.url; }

  // POST to an API, with `body`, a JSON object, unchanged. An event stream of status 200 goes to `on_bytes`
  // as it arrives, unless `on_bytes` is empty; if that returns false, the call ends with cancelled.
  // Everything else is in the answer's body. A response of any status is an answer. Faults: those of
  // HttpClient::send.
  Result<UpstreamAnswer> ask(const AskedApi& api, std::string_view body, const std::vector<HttpHeader>& headers,
                             const OnBody& on_bytes, const std::stop_token& stop = {});
  // The same of chat/completions, with no header of a client.
  Result<UpstreamAnswer> chat(std::string_view body, const OnBody& on_bytes, const std::stop_token& stop = {}) {
    return ask({}, body, {}, on_bytes, stop);
  }
  // Passes any request on, and hands on what comes: of the client's headers those that are given (their names
  // in lower case), and this server's own key. A target that begins with /v1 goes below the URL, and others
  // beside that URL's /v1.
  // Faults: those of HttpClient::send; too_large above passed_bytes_max.
  Result<HttpHead> pass(const PassedRequest& request, const OnHead& on_head, const OnBody& on_body,
                        const std::stop_token& stop = {});
  // GET models.
  Result<UpstreamAnswer> get_models(const std::stop_token& stop = {});

 private:
  explicit Upstream(UpstreamOptions options) : options_(std::move(options)) {}
  std::string address_of(std::string_view target) const;
  void add_anthropic_key(bool by_path, HttpRequest& request) const;
  Result<HttpRequest> request_of(HttpMethod method, const std::string& address, std::vector<HttpHeader> headers,
                                 std::string_view body) const;
  Result<UpstreamAnswer> send(const HttpRequest& request, const OnBody& on_bytes, const std::stop_token& stop);

  const UpstreamOptions options_;
  HttpClient client_;
};

}  // namespace fovea
