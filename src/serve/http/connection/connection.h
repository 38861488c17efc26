// Connection: one client's connection: reads its requests one after the other, has them handled, and writes
// the replies in their order.
//
// All of it runs on the thread of the connection's event loop, but for the functions of Client, which any
// thread may call. Owned by its loop, and kept by whoever still has to reply. Only http_server.cc includes
// this, since it brings Asio along.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>

#include "serve/http/connection/connection_parts.h"
#include "serve/http/connection/reply_mailbox.h"
#include "serve/http/connection/reply_writer.h"
#include "serve/http/connection/request_reader.h"
#include "serve/http/connection/socket_input.h"
#include "serve/http/connection/transport.h"
#include "serve/http/http_exchange.h"
#include "serve/http/route.h"

namespace fovea::serve {

class Connection final : public Client, public std::enable_shared_from_this<Connection> {
 public:
  using OnClosed = std::function<void(const std::shared_ptr<Connection>&)>;

  // `socket` does not block. It is closed with the connection.
  Connection(boost::asio::io_context& loop, int socket, const ConnectionParts& parts, OnClosed on_closed);

  void start() { advance(); }
  // Closes the connection where its client took too long. To be called now and then.
  void check_time(double now_ms);
  void close();

  void reply(Reply reply) override;
  void begin(Reply head) override;
  bool send(std::string_view bytes) override;
  bool wait_for_room(const std::stop_token& stop) override { return mailbox_.wait_for_room(stop); }
  void end() override;
  void abort() override;

 private:
  enum class State { greeting, reading, handling, closing, closed };

  void advance();
  bool greet();
  bool read();
  void wait_for_input();
  void wait_for_memory();
  void watch_client();
  void drop_input();

  void begin_request();
  void dispatch();
  void client_left();

  void refuse(const Refusal& refusal);
  void reply_here(Reply reply);
  template <typename Leave>
  void hand_over(Leave leave);  // to the loop's thread
  void take_over();
  void write_out();
  void wait_for_output();
  void reply_written();
  void close_gently();
  void break_off();

  const ConnectionParts& parts_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer memory_timer_;
  const OnClosed on_closed_;

  State state_ = State::greeting;
  Transport transport_;
  SocketInput input_;
  RequestReader reader_;
  ReplyWriter writer_;
  ReplyMailbox mailbox_;
  RouteTable::Match match_;  // of the request
  std::stop_source gone_source_{std::nostopstate};
  bool waiting_for_input_ = false, waiting_for_output_ = false;
  bool counted_ = false;  // among those that are not answered
  bool reply_complete_ = false, reply_broken_ = false;
  double closing_since_ms_ = 0, heard_ms_ = 0;  // since it is closing, and when the client sent something last
};

}  // namespace fovea::serve
