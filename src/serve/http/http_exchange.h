// HttpExchange: an Exchange over one request of a connection's. Client: the connection as an exchange sees
// it.
//
// Used by one thread at a time: the connection's until the request is queued for a handler, then the
// handler's. Owns the request's head and body, and keeps the connection.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "serve/exchange.h"
#include "serve/http/body_memory.h"
#include "serve/http/content_coding.h"
#include "serve/http/message/request_head.h"
#include "serve/http/open_requests.h"

namespace fovea::serve {

// Where a reply goes. Thread-safe; nothing here waits but wait_for_room().
class Client {
 public:
  virtual ~Client() = default;
  virtual void reply(Reply reply) = 0;
  // The head of a reply whose body is given to send(), and ended by end().
  virtual void begin(Reply head) = 0;
  // False once the client has left.
  virtual bool send(std::string_view bytes) = 0;
  // As BodyStream::wait_for_room(). `stop` ends it.
  virtual bool wait_for_room(const std::stop_token& stop) = 0;
  virtual void end() = 0;
  // In the place of end(): the body is not whole.
  virtual void abort() = 0;
};

class HttpExchange final : public Exchange {
 public:
  struct Request {
    RequestHead head;
    BodyBytes body;
    ContentCoding coding = ContentCoding::identity;
    std::stop_source gone;
  };
  // `open` must outlive the exchange.
  HttpExchange(Request request, std::shared_ptr<Client> client, OpenRequests& open);
  ~HttpExchange() override;
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  // Undoes the body's coding, which takes a while. Refused: as decode_body() does.
  Parsed<void> decode(BodyMemory& memory, std::uint64_t bytes_max);

  std::string_view method() const override { return request_.head.method; }
  std::string_view path() const override { return request_.head.path; }
  std::string_view target() const override { return request_.head.target; }
  std::string_view header(std::string_view name) const override { return request_.head.header(name); }
  Headers all_headers() const override { return request_.head.headers; }
  std::string query(std::string_view name) const override { return request_.head.parameter(name); }
  std::string_view body() const override { return request_.body.text(); }
  std::vector<FormField> form() const override;
  std::stop_token client_gone() const override { return request_.gone.get_token(); }

  void reply(Reply reply) override;
  std::unique_ptr<BodyStream> begin_stream(Reply head) override;

  // Whether reply() or begin_stream() was called.
  bool replied() const { return !client_; }

 private:
  Request request_;
  std::shared_ptr<Client> client_;  // null once replied to
  OpenRequests& open_;
  const OpenRequests::Handle handle_;
};

}  // namespace fovea::serve
