// Approach: Asio tells when a socket can be read or written; its parts then read and write without waiting.
// The state says what the next bytes are. While a request is handled, the socket is watched, so that its
// handler learns that the client has left; what the client sends ahead is kept, up to a bound, and used after
// the reply. What handlers reply goes through connection_replies.cc.
//
// Whatever is wrong with the framing of a request ends the connection behind the refusal: nothing behind such
// a head can be a request. The refusal is sent, then what the client still sends is read and dropped for a
// while, or the kernel would tell the client of a reset before it has read the refusal.
//
// TLS changes how bytes are moved (Transport), and when: its handshake comes first, it may have read more
// than was asked for, of which the socket does not tell, and to read it may have to write.
#include "serve/http/connection/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "base/clock.h"
#include "serve/http/connection/early_reply.h"
#include "serve/http/message/request_id.h"
#include "serve/http/run_handler.h"

namespace fovea::serve {

namespace {

using boost::asio::posix::stream_descriptor;

constexpr int steps_at_once = 64;                  // of one connection, before others have their turn
constexpr std::size_t ahead_bytes_max = 64 << 10;  // kept of what a client sends before it got its reply
constexpr std::chrono::milliseconds memory_poll(20);
constexpr double linger_silence_ms_max = 2'000, linger_ms_max = 30'000;  // for a client to read a last reply

double now_ms() { return Clock::steady().now_ms(); }

Refusal not_in_the_clear() {
  return {400, "this port speaks HTTPS: ask for an address that begins with https://", {}, "https_required"};
}

// Names the request. The fields that tell its client the name.
Headers named(RequestHead& head) {
  name_request(head);
  Headers headers;
  add_request_id(headers, head);
  return headers;
}

}  // namespace

Connection::Connection(boost::asio::io_context& loop, int socket, const ConnectionParts& parts, OnClosed on_closed)
    : parts_(parts),
      socket_(loop, socket),
      memory_timer_(loop),
      on_closed_(std::move(on_closed)),
      transport_(socket, parts.options.certificate.get()),
      input_(transport_),
      reader_(parts.memory, parts.options.body_bytes_max),
      writer_(transport_) {}

// ---- reading

void Connection::advance() {
  for (int step = 0; step < steps_at_once; ++step) {
    switch (state_) {
      case State::greeting:
        if (!greet()) return;
        break;
      case State::reading:
        if (!read()) return;
        break;
      case State::handling:
        return watch_client();
      case State::closing:
        return drop_input();
      case State::closed:
        return;
    }
  }
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->advance(); });
}

// False where something must happen first.
bool Connection::greet() {
  switch (transport_.greet()) {
    case Transport::Greeting::waits:
      return wait_for_input(), false;
    case Transport::Greeting::ended:
      return close(), true;
    case Transport::Greeting::plain:
      return refuse(not_in_the_clear()), true;
    case Transport::Greeting::done:
      state_ = State::reading;
      return true;
  }
  std::unreachable();
}

bool Connection::read() {
  const auto step = reader_.read(input_);
  if (!step) return refuse(step.error()), true;
  switch (*step) {
    case RequestReader::Step::input:
      if (reader_.owes_continue(input_)) {
        writer_.output().push("HTTP/1.1 100 Continue\r\n\r\n");
        write_out();
      }
      return wait_for_input(), false;
    case RequestReader::Step::memory:
      return wait_for_memory(), false;
    case RequestReader::Step::head:
      return begin_request(), true;
    case RequestReader::Step::whole:
      return dispatch(), true;
    case RequestReader::Step::ended:
      return close(), true;
  }
  std::unreachable();
}

void Connection::wait_for_input() {
  if (waiting_for_input_ || state_ == State::closed) return;
  waiting_for_input_ = true;
  auto go_on = [self = shared_from_this()](const boost::system::error_code& error) {
    self->waiting_for_input_ = false;
    if (error || self->state_ == State::closed) return;
    self->input_.now_readable();
    self->advance();
  };
  if (state_ != State::greeting && input_.may_have_more())  // its turn was over
    return boost::asio::post(socket_.get_executor(), [go_on = std::move(go_on)] { go_on({}); });
  const auto what = transport_.waits_to_write() ? stream_descriptor::wait_write : stream_descriptor::wait_read;
  socket_.async_wait(what, std::move(go_on));
}

void Connection::wait_for_memory() {
  memory_timer_.expires_after(memory_poll);
  memory_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && self->state_ == State::reading) self->advance();
  });
}

// Whether the client is still there shows only when the socket is looked at: it may have left, or send its
// next request.
void Connection::watch_client() {
  while (input_.bytes().size() < ahead_bytes_max) {
    const auto read = input_.read();
    if (read == SocketInput::Read::ended) return client_left();
    if (read == SocketInput::Read::none) return wait_for_input();
  }
}

void Connection::drop_input() {
  input_.drop();
  for (int i = 0; i < steps_at_once; ++i) {
    const auto read = input_.read();
    if (read == SocketInput::Read::ended) return close();
    if (read == SocketInput::Read::none) break;
    input_.drop();
    heard_ms_ = now_ms();
  }
  wait_for_input();
}

// ---- a request

void Connection::begin_request() {
  RequestHead& head = reader_.head();
  match_ = parts_.routes.find(head.method, head.path);
  Headers headers = named(head);
  auto early = early_reply(head, match_, parts_);
  if (!early || !early->is_preflight) parts_.cors.add_to(headers, head);
  if (early) {
    writer_.begin(head, std::move(headers));
    if (early->closes) writer_.close_behind();
    return reply_here(std::move(early->reply));
  }
  writer_.begin(head, std::move(headers));
  gone_source_ = std::stop_source();
  reader_.begin_body();
}

void Connection::dispatch() {
  state_ = State::handling;
  counted_ = true;
  ++parts_.unanswered;
  if (input_.ended()) gone_source_.request_stop();
  input_.seems_read();
  HttpExchange::Request request = reader_.take(gone_source_);
  request.head.path.insert(0, match_.version_prefix);
  request.head.target.insert(0, match_.version_prefix);
  auto exchange = std::make_unique<HttpExchange>(std::move(request), shared_from_this(), parts_.open);
  HandlerPool& pool = match_.route->apart ? parts_.apart : parts_.handlers;
  pool.run([route = match_.route, exchange = std::move(exchange), &parts = parts_] {
    run_handler(*route, *exchange, parts.memory, parts.options.body_bytes_max, parts.on_refusal);
  });
}

void Connection::client_left() {
  mailbox_.client_left();
  gone_source_.request_stop();
}

// ---- replying

// Ends the connection, since nothing tells where the next request begins.
void Connection::refuse(const Refusal& refusal) {
  RequestHead& head = reader_.head();
  if (head.headers.empty()) writer_.begin(head, named(head));  // the head did not come, or is none
  writer_.close_behind();
  reply_here(refusal_to(head, match_, refusal));
}

void Connection::reply_here(Reply reply) {
  state_ = State::handling;
  reader_.drop();
  if (reply.status >= 400) parts_.on_refusal(reply.status);
  writer_.whole(std::move(reply));
  reply_complete_ = true;
  write_out();
}

void Connection::close_gently() {
  state_ = State::closing;
  closing_since_ms_ = heard_ms_ = now_ms();
  writer_.output().end();
  write_out();
  if (input_.ended()) close();
}

// A client that waits for chunks misses the last one. For others the end of a connection is the end of the
// body, unless the connection is reset.
void Connection::break_off() {
  if (writer_.body_end() == BodyEnd::chunks) return close_gently();
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void Connection::close() {
  if (state_ == State::closed) return;
  const auto self = shared_from_this();
  state_ = State::closed;
  memory_timer_.cancel();
  boost::system::error_code ignored;
  ignored = socket_.close(ignored);
  reader_.drop();
  writer_.output().clear();
  if (std::exchange(counted_, false)) --parts_.unanswered;
  client_left();
  on_closed_(self);
}

void Connection::check_time(double now) {
  switch (state_) {
    case State::greeting:
      if (reader_.idle_ms(now, input_) > parts_.options.handshake_s * 1000) close();
      return;
    case State::reading:
      if (reader_.idle_ms(now, input_) > parts_.options.idle_s * 1000.0) return close();
      if (const auto refusal = reader_.overdue(now, input_)) {
        refuse(*refusal);
        advance();
      }
      return;
    case State::handling:
      if (writer_.output().too_slow(now)) close();
      return;
    case State::closing:
      if (now - heard_ms_ > linger_silence_ms_max || now - closing_since_ms_ > linger_ms_max) close();
      return;
    case State::closed:
      return;
  }
}

}  // namespace fovea::serve
