// ReplyWriter: replies as the bytes of HTTP, in the form that the request asks for. For one thread. Borrows
// the transport.
#pragma once

#include <string>

#include "serve/exchange.h"
#include "serve/http/connection/socket_output.h"
#include "serve/http/message/reply_text.h"
#include "serve/http/message/request_head.h"

namespace fovea::serve {

class ReplyWriter {
 public:
  explicit ReplyWriter(Transport& transport) : output_(transport) {}

  // The next reply is one to `request`; `headers` are of this server's own. Before that it is one to a client
  // of which nothing is known.
  void begin(const RequestHead& request, Headers headers);
  // The reply is the last one, whatever the request says.
  void close_behind() { keep_alive_ = false; }

  // A whole reply; or else its head, pieces of its body, and its end.
  void whole(Reply reply) { push_head(std::move(reply), BodyEnd::length); }
  void head(Reply reply) { push_head(std::move(reply), http_1_1_ ? BodyEnd::chunks : BodyEnd::connection); }
  void piece(std::string bytes);
  void end();

  // What the end of the last reply means for its connection.
  bool keeps_alive() const { return keep_alive_; }
  BodyEnd body_end() const { return body_end_; }
  // The reply is written: nothing is known of the next request.
  void drop_request();

  SocketOutput& output() { return output_; }

 private:
  void push_head(Reply reply, BodyEnd end);

  SocketOutput output_;
  Headers headers_;
  bool keep_alive_ = true, http_1_1_ = true, head_only_ = false;
  BodyEnd body_end_ = BodyEnd::length;
};

}  // namespace fovea::serve
