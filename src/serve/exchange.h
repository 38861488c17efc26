// Exchange: one HTTP request and the reply to it, as handlers see them. An interface: serve/http implements
// it, and handlers know no HTTP library.
//
// Used by one thread at a time; any thread may use the stop token. Exactly one of reply() and begin_stream()
// is called, once. Views that it returns live as long as the exchange.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "serve/wire/headers.h"

namespace fovea::serve {

struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  Headers headers;
  std::string body;
  // Of the body that the reply to a HEAD, or one of status 304, leaves out, where it is not that of `body`.
  std::optional<std::uint64_t> length;
};

// A field of a multipart/form-data body (RFC 7578). Its bytes are those of the request.
struct FormField {
  std::string name;
  std::string file_name;  // empty: no file
  std::string_view bytes;
};

// The body of a reply that is sent piece by piece. Thread-safe. Ends the body when it is destroyed.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // False once the client has left. Does not wait: bytes that cannot be sent yet are buffered.
  virtual bool send(std::string_view bytes) = 0;
  // Waits while much is buffered. For threads that may wait for a client, after each send(): what comes from
  // another server has no bound of its own. False once the client has left, or is asked to leave.
  virtual bool wait_for_room() = 0;
  // The rest of the body will not come. The client sees a body that broke off, not one that ended.
  virtual void abort() = 0;
};

class Exchange {
 public:
  virtual ~Exchange() = default;

  // In capitals, as the client sent it: "GET".
  virtual std::string_view method() const = 0;
  virtual std::string_view path() const = 0;
  // The request's target as the client wrote it, with its query and its percent-encoding: what a relay passes
  // on.
  virtual std::string_view target() const = 0;
  // The value of a header; empty where there is none. `name` in lower case.
  virtual std::string_view header(std::string_view name) const = 0;
  // Each name in lower case.
  virtual Headers all_headers() const = 0;
  // A parameter of the query; empty where there is none.
  virtual std::string query(std::string_view name) const = 0;
  virtual std::string_view body() const = 0;
  // The body's fields; empty where it is no form.
  virtual std::vector<FormField> form() const = 0;

  // Requested when the client has left.
  virtual std::stop_token client_gone() const = 0;

  virtual void reply(Reply reply) = 0;
  // Sends the head of a reply, without its body: that is what the stream is given.
  virtual std::unique_ptr<BodyStream> begin_stream(Reply head) = 0;
};

}  // namespace fovea::serve
