// Exchange: one HTTP request and the reply to it, as handlers see them. What speaks HTTP stands behind it.
//
// Used by one thread; the stop token may be asked by any. Exactly one of reply() and begin_stream() is called, once.
#pragma once

#include <functional>
#include <memory>
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
};

// A field of a multipart/form-data body (RFC 7578). Its bytes are those of the request.
struct FormField {
  std::string name;
  std::string file_name;  // empty: no file
  std::string_view bytes;
};

// The body of a reply that is sent as it comes. Thread-safe. Ends the body when it is destroyed.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // False once the client has gone. Waits for nothing: what cannot be sent yet is kept.
  virtual bool send(std::string_view bytes) = 0;
};

class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual std::string_view path() const = 0;
  // Empty where there is none. `name` in lower case.
  virtual std::string_view header(std::string_view name) const = 0;
  // A parameter of the query; empty where there is none.
  virtual std::string query(std::string_view name) const = 0;
  virtual std::string_view body() const = 0;
  // The body's fields; empty where it is no form.
  virtual std::vector<FormField> form() const = 0;

  // Requested when the client has gone.
  virtual std::stop_token client_gone() const = 0;

  virtual void reply(Reply reply) = 0;
  // The head of a reply; its body is what the stream is sent.
  virtual std::unique_ptr<BodyStream> begin_stream(Reply head) = 0;
};

}  // namespace fovea::serve
