// Connection: one client's connection: reads its requests one after the other, has them handled, and writes
// the replies in their order.
//
// All of it runs on the thread of the connection's event loop, but for the functions of Client, which any
// thread may call. Owned by its loop, and kept by whoever still has to reply. Only http_server.cc includes
// this, since it brings Asio along.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "serve/http/body_memory.h"
#include "serve/http/handler_pool.h"
#include "serve/http/http_exchange.h"
#include "serve/http/http_server.h"
#include "serve/http/message/cors.h"
#include "serve/http/message/head_scan.h"
#include "serve/http/message/reply_text.h"
#include "serve/http/message/request_parser.h"
#include "serve/http/open_requests.h"
#include "serve/http/route.h"

namespace fovea::serve {

// What all connections share. Thread-safe, and outlives them.
struct ConnectionParts {
  const HttpServerOptions& options;
  const RouteTable& routes;
  const Cors& cors;
  BodyMemory& memory;
  HandlerPool& handlers;
  HandlerPool& apart;  // for routes that say so
  OpenRequests& open;
  const std::atomic<bool>& draining;
  std::atomic<std::size_t>& unanswered;  // requests whose reply was not written yet
};

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
  bool wait_for_room(const std::stop_token& stop) override;
  void end() override;
  void abort() override;

 private:
  enum class State { head, room, body, chunks, handling, closing, closed };
  enum class Input { some, none, ended };

  // Reading. Each take_ function returns false where it needs more input.
  void advance();
  void wait_for_input();
  Input read_input();
  bool take_head();
  bool take_body();
  bool take_chunks();
  void watch_client();
  void drop_input();

  // A request, from its head to its handler.
  void begin_request(RequestHead head);
  bool refused(const RequestHead& head, const RouteTable::Match& match);
  void begin_body();
  void wait_for_memory();
  void take_room();
  void begin_reading();
  void dispatch();
  void client_left();

  // Replying.
  void reply_here(Reply reply);
  Reply reply_to(const Refusal& refusal) const;
  void refuse(const Refusal& refusal, Headers more = {});
  void push_output(std::string bytes);
  void push_head(Reply& reply, BodyEnd end);
  void hand_over();  // to the loop's thread: what other threads left for it
  void take_over();
  void write_out();
  void count_unwritten();
  void reply_written();
  void close_gently();
  void break_off();
  bool reads_too_slowly(double now_ms) const;

  const ConnectionParts& parts_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer room_timer_;
  const OnClosed on_closed_;

  State state_ = State::head;
  std::string input_;  // read, and not yet used
  bool readable_ = false, waiting_for_input_ = false, input_ended_ = false;
  double since_ms_;           // when this state began
  double traffic_ms_;         // when bytes came or went last
  double room_since_ms_ = 0;  // when a body began to wait for memory

  HeadScan scan_;
  std::unique_ptr<RequestParser> parser_;
  RequestHead head_;
  std::string asked_path_, asked_version_;  // for refusals
  const Route* route_ = nullptr;
  ContentCoding coding_ = ContentCoding::identity;
  BodyBytes body_;
  std::stop_source gone_source_{std::nostopstate};

  Headers reply_headers_;  // of this server's own, for the reply to come
  bool keep_alive_ = true, http_1_1_ = true, head_only_ = false, continue_expected_ = false, counted_ = false;
  std::deque<std::string> output_;
  std::size_t written_ = 0;           // of the first of them
  std::size_t unwritten_ = 0;         // of all of them
  double output_since_ms_ = 0;        // since when there is output
  std::uint64_t output_written_ = 0;  // since then
  bool reply_complete_ = false, reply_broken_ = false, waiting_for_output_ = false;
  BodyEnd body_end_ = BodyEnd::length;

  std::atomic<bool> client_gone_ = false;
  Mutex mutex_;
  std::optional<Reply> whole_ FOVEA_GUARDED_BY(mutex_);
  std::optional<Reply> begun_ FOVEA_GUARDED_BY(mutex_);
  std::string pieces_ FOVEA_GUARDED_BY(mutex_);
  std::size_t queued_ FOVEA_GUARDED_BY(mutex_) = 0;  // bytes of output that were not yet written
  std::condition_variable_any room_came_;
  bool ended_ FOVEA_GUARDED_BY(mutex_) = false;
  bool aborted_ FOVEA_GUARDED_BY(mutex_) = false;
  bool handed_over_ FOVEA_GUARDED_BY(mutex_) = false;
};

}  // namespace fovea::serve
