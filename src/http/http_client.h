// HttpClient: sends requests to other servers over HTTP and hands on their answers as they come.
//
// A call blocks its thread until the answer is complete, the caller stops it, or a limit is reached; any
// number of threads may call. Connections are kept and used again. It follows no redirect, decompresses
// nothing, sends no cookie, reads no .netrc and takes no proxy from the environment: it sends exactly what it
// is given, and hands on exactly what comes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/result.h"
#include "http/url.h"

namespace fovea {

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpTimeouts {
  double connect_ms = 10'000;
  double idle_ms = 60'000;  // without a byte in either direction
  std::optional<double> total_ms;
};

enum class HttpMethod : std::uint8_t { get, head, post, put, patch, del, options };

// The method of this name, in capitals as HTTP writes it; nullopt for others.
std::optional<HttpMethod> http_method(std::string_view name);
const char* to_string(HttpMethod method);

struct HttpRequest {
  HttpMethod method = HttpMethod::get;
  Url url;
  std::vector<HttpHeader> headers;
  std::string_view body;  // must outlive the call
  HttpTimeouts timeouts;
  std::uint64_t head_bytes_max = 64 << 10;  // of the answer; servers send a few kilobytes
  std::uint64_t body_bytes_max = 64 << 20;  // of the answer
};

struct HttpHead {
  int status = 0;
  std::vector<HttpHeader> headers;

  // The value of the first header of this name, in whatever case; empty if there is none.
  std::string_view header(std::string_view name) const;
};

// Which addresses may be connected to. Checked at every connection, after the name was resolved: a name
// cannot resolve to a public address when it is checked and to a private one when it is used.
enum class AddressRule : std::uint8_t { any, public_only };

// Take the head as soon as it is complete, and the body's bytes as they come. Returning false ends the call
// with cancelled. May be empty. Called on the calling thread, without locks.
using OnHead = std::function<bool(const HttpHead& head)>;
using OnBody = std::function<bool(std::string_view bytes)>;

class HttpClient {
 public:
  explicit HttpClient(AddressRule addresses = AddressRule::any);
  ~HttpClient();  // REQUIRES: no call is under way
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // The head of the answer, whatever its status, when all of its body has been handed on. Faults: unavailable
  // (unknown host, no connection, a certificate that is not trusted, an answer that ends early); timed_out;
  // too_large; cancelled; invalid (a header that cannot be sent, or an address that the rule forbids).
  // Messages name the host, and never the content of the request.
  Result<HttpHead> send(const HttpRequest& request, const OnHead& on_head, const OnBody& on_body,
                        const std::stop_token& stop = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fovea
