// Approach: Asio tells when a socket can be read or written; the bytes are then read and written here,
// without waiting, straight from and to where they belong: a body into its own memory, and a connection that
// says nothing has no buffer at all. The state says what the next bytes are. While a request is handled, the
// socket is watched, so that its handler learns that the client has left; what the client sends ahead is
// kept, up to a bound, and used after the reply.
//
// Whatever is wrong with the framing of a request ends the connection behind the refusal: nothing behind such
// a head can be a request. The refusal is sent, then what the client still sends is read and dropped for a
// while, or the kernel would tell the client of a reset before it has read the refusal.
#include "serve/http/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <format>
#include <span>
#include <utility>

#include "base/clock.h"
#include "base/units.h"
#include "serve/http/run_handler.h"
#include "serve/send_refusal.h"

namespace fovea::serve {

namespace {

constexpr std::size_t read_bytes = 16 << 10;          // at once, where no body has its own memory
constexpr int steps_at_once = 64;                     // of one connection, before others have their turn
constexpr std::size_t turn_bytes_max = 1 << 20;       // of one body, before other connections have their turn
constexpr std::size_t ahead_bytes_max = 64 << 10;     // kept of what a client sends before it got its reply
constexpr std::size_t joined_bytes_max = 16 << 10;    // a body that is sent in one piece with its head
constexpr double head_ms_max = 20'000;                // for a head, from its first byte on
constexpr double silence_ms_max = 30'000;             // without a byte, inside a body or of a reply that is not read
constexpr double bytes_per_ms_min = 16;               // on average, after the first silence_ms_max; either way
constexpr std::size_t unwritten_bytes_max = 1 << 20;  // of a body, before whoever may wait for its client does
constexpr double room_ms_max = 10'000;                // for room in the memory for bodies
constexpr std::chrono::milliseconds room_poll(20);
constexpr double linger_silence_ms_max = 2'000, linger_ms_max = 30'000;  // for a client to read a last reply

double now_ms() { return Clock::steady().now_ms(); }

bool equal_names(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool has_body(const RequestHead& head) { return head.chunked || head.length.value_or(0) > 0; }

Refusal too_large(std::uint64_t bytes_max) {
  return {413,
          std::format("the request's body is larger than {}: send a smaller one", format_bytes(bytes_max)),
          {},
          "too_large"};
}

Refusal no_room() {
  return {503, "the memory for requests' bodies is full: ask again in a moment", {}, "overloaded", 1};
}

}  // namespace

Connection::Connection(boost::asio::io_context& loop, int socket, const ConnectionParts& parts, OnClosed on_closed)
    : parts_(parts),
      socket_(loop, socket),
      room_timer_(loop),
      on_closed_(std::move(on_closed)),
      since_ms_(now_ms()),
      traffic_ms_(since_ms_),
      body_(parts.memory) {}

// ---- reading

void Connection::advance() {
  for (int step = 0; step < steps_at_once; ++step) {
    switch (state_) {
      case State::head:
        if (!take_head()) return wait_for_input();
        break;
      case State::body:
        if (!take_body()) return wait_for_input();
        break;
      case State::chunks:
        if (!take_chunks()) return wait_for_input();
        break;
      case State::handling:
        return watch_client();
      case State::closing:
        return drop_input();
      case State::room:
      case State::closed:
        return;
    }
  }
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->advance(); });
}

void Connection::wait_for_input() {
  if (waiting_for_input_ || state_ == State::closed) return;
  waiting_for_input_ = true;
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->waiting_for_input_ = false;
                       if (error || self->state_ == State::closed) return;
                       self->readable_ = true;
                       self->advance();
                     });
}

// Reads once, if the socket is known to have something.
Connection::Input Connection::read_input() {
  if (!readable_) return Input::none;
  std::array<char, read_bytes> bytes;
  const ssize_t count = recv(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  readable_ = count == static_cast<ssize_t>(bytes.size());
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return Input::none;
  if (count <= 0) return Input::ended;
  input_.append(bytes.data(), static_cast<std::size_t>(count));
  traffic_ms_ = now_ms();
  return Input::some;
}

bool Connection::take_head() {
  while (true) {
    if (input_.starts_with("\r\n")) input_.erase(0, 2);  // some clients end a body so (RFC 9112, 2.2)
    if (!input_.empty() && input_ != "\r") {
      const auto size = scan_.scan(input_);
      if (!size) return refuse(size.error()), true;
      if (*size) {
        parser_ = std::make_unique<RequestParser>();
        auto head = parser_->parse_head(std::string_view(input_).substr(0, **size));
        input_.erase(0, **size);
        scan_ = {};
        asked_path_.clear();
        if (!head) return refuse(head.error()), true;
        begin_request(std::move(*head));
        return true;
      }
    }
    const bool was_empty = input_.empty();
    const Input input = input_ended_ ? Input::ended : read_input();
    if (input == Input::ended) return close(), true;
    if (input == Input::none) return false;
    if (was_empty) since_ms_ = traffic_ms_;
  }
}

// The memory is taken as the bytes come: who only says that a body is large takes nothing from others.
bool Connection::take_body() {
  std::size_t turn = 0;
  while (body_.size() < *head_.length) {
    if (!body_.grow(*head_.length)) return wait_for_memory(), true;
    const std::span<char> room = body_.room();
    if (!input_.empty()) {
      const std::size_t ahead = std::min(input_.size(), room.size());
      std::copy_n(input_.begin(), ahead, room.begin());
      body_.filled(ahead);
      input_.erase(0, ahead);
      continue;
    }
    if (input_ended_) return close(), true;
    if (!readable_ || turn >= turn_bytes_max) return false;
    const ssize_t count = recv(socket_.native_handle(), room.data(), room.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
      readable_ = false;
      return false;
    }
    if (count <= 0) return close(), true;
    body_.filled(static_cast<std::size_t>(count));
    turn += static_cast<std::size_t>(count);
    traffic_ms_ = now_ms();
  }
  dispatch();
  return true;
}

bool Connection::take_chunks() {
  const std::uint64_t bytes_max = parts_.options.body_bytes_max;
  const auto take = [&](std::string_view bytes) -> Parsed<void> {
    if (body_.append(bytes, bytes_max)) return {};
    return std::unexpected(body_.size() >= bytes_max ? too_large(bytes_max) : no_room());
  };
  std::size_t turn = 0;
  while (true) {
    const auto chunks = parser_->parse_chunks(input_, take);
    if (!chunks) return refuse(chunks.error()), true;
    input_.erase(0, chunks->used);
    if (chunks->complete) return dispatch(), true;
    if (turn >= turn_bytes_max) return false;
    const std::size_t left = input_.size();
    const Input input = input_ended_ ? Input::ended : read_input();
    if (input == Input::ended) return close(), true;
    if (input == Input::none) return false;
    turn += input_.size() - left;
  }
}

// Whether the client is still there shows only when the socket is looked at: it may have left, or send its
// next request.
void Connection::watch_client() {
  while (readable_ && !input_ended_ && input_.size() < ahead_bytes_max) {
    if (read_input() == Input::ended) {
      input_ended_ = true;
      client_left();
      return;
    }
  }
  if (!input_ended_ && input_.size() < ahead_bytes_max) wait_for_input();
}

void Connection::drop_input() {
  input_.clear();
  for (int i = 0; i < steps_at_once && readable_; ++i) {
    if (read_input() == Input::ended) return close();
    input_.clear();
  }
  wait_for_input();
}

// ---- a request

void Connection::begin_request(RequestHead head) {
  http_1_1_ = head.http_1_1;
  keep_alive_ = head.keep_alive;
  head_only_ = head.method == "HEAD";
  reply_headers_.clear();
  parts_.cors.add_to(reply_headers_, head);
  const auto match = parts_.routes.find(head.method, head.path);
  asked_path_ = std::string(match.version_prefix) + head.path;
  asked_version_ = head.header("anthropic-version");
  if (refused(head, match)) return;
  head.path.insert(0, match.version_prefix);
  head.target.insert(0, match.version_prefix);
  route_ = match.route;
  head_ = std::move(head);
  gone_source_ = std::stop_source();
  begin_body();
}

// Answers what needs no handler. A request whose body is not read ends its connection.
bool Connection::refused(const RequestHead& head, const RouteTable::Match& match) {
  if (has_body(head)) keep_alive_ = false;  // until its body is read
  if (parts_.draining) {
    refuse({503, "the server is shutting down: ask again in a moment", {}, "shutting_down", 1});
    return true;
  }
  const bool known = !match.allow.empty() || (head.method == "OPTIONS" && head.path == "*");
  if (!known) {
    reply_here(reply_to({404, std::format("there is nothing at {}", head.path), {}, "not_found"}));
    return true;
  }
  if (head.method == "OPTIONS" && (match.route == nullptr || Cors::is_preflight(head))) {
    const std::string allow(match.allow.empty() ? "GET, HEAD, POST, DELETE, OPTIONS" : match.allow);
    Reply reply{.status = 204, .content_type = {}, .headers = {{"Allow", allow}}, .body = {}};
    if (Cors::is_preflight(head)) {
      reply_headers_.clear();
      std::ranges::move(parts_.cors.preflight(head, match.allow), std::back_inserter(reply.headers));
    }
    reply_here(std::move(reply));
    return true;
  }
  if (match.route == nullptr) {
    Reply reply = reply_to({405, std::format("{} does not take {}", head.path, head.method), {}, "method_not_allowed"});
    reply.headers.emplace_back("Allow", match.allow);
    reply_here(std::move(reply));
    return true;
  }
  const std::string_view expected = head.header("expect");
  continue_expected_ = head.http_1_1 && equal_names(expected, "100-continue");
  if (!expected.empty() && head.http_1_1 && !continue_expected_) {
    refuse({417, std::format("the expectation {} cannot be met", expected), {}, "unsupported"});
    return true;
  }
  const auto coding = content_coding_of(head.header("content-encoding"));
  if (!coding) {
    refuse({415, std::format("the Content-Encoding is none of {}", known_codings), {}, "unsupported"},
           {{"Accept-Encoding", known_codings}});
    return true;
  }
  coding_ = has_body(head) ? *coding : ContentCoding::identity;
  if (head.length.value_or(0) > parts_.options.body_bytes_max) {
    refuse(too_large(parts_.options.body_bytes_max));
    return true;
  }
  keep_alive_ = head.keep_alive;
  return false;
}

void Connection::begin_body() {
  since_ms_ = traffic_ms_ = now_ms();
  if (!has_body(head_)) return dispatch();
  wait_for_memory();
}

void Connection::wait_for_memory() {
  state_ = State::room;
  room_since_ms_ = now_ms();
  take_room();
}

void Connection::take_room() {
  if (head_.chunked || body_.grow(*head_.length)) return begin_reading();
  if (now_ms() - room_since_ms_ > room_ms_max) return refuse(no_room());
  room_timer_.expires_after(room_poll);
  room_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || self->state_ != State::room) return;
    self->take_room();
    self->advance();
  });
}

// The time without room does not count as the client's.
void Connection::begin_reading() {
  traffic_ms_ = now_ms();
  since_ms_ += traffic_ms_ - room_since_ms_;
  state_ = head_.chunked ? State::chunks : State::body;
  if (head_.chunked) parser_->limit_chunks(parts_.options.body_bytes_max);
  if (!std::exchange(continue_expected_, false) || !input_.empty()) return;
  push_output("HTTP/1.1 100 Continue\r\n\r\n");
  write_out();
}

void Connection::dispatch() {
  state_ = State::handling;
  parser_.reset();
  counted_ = true;
  ++parts_.unanswered;
  if (input_ended_) gone_source_.request_stop();
  HttpExchange::Request request{std::move(head_), std::move(body_), coding_, gone_source_};
  body_ = BodyBytes(parts_.memory);
  auto exchange = std::make_unique<HttpExchange>(std::move(request), shared_from_this(), parts_.open);
  HandlerPool& pool = route_->apart ? parts_.apart : parts_.handlers;
  pool.run([route = route_, exchange = std::move(exchange), &parts = parts_] {
    run_handler(*route, *exchange, parts.memory, parts.options.body_bytes_max);
  });
}

void Connection::client_left() {
  {
    MutexLock lock(mutex_);
    client_gone_ = true;
  }
  room_came_.notify_all();
  gone_source_.request_stop();
}

// ---- replying

void Connection::reply_here(Reply reply) {
  state_ = State::handling;
  push_head(reply, BodyEnd::length);
  reply_complete_ = true;
  write_out();
}

// As handlers refuse, in the form of the API that is asked.
Reply Connection::reply_to(const Refusal& refusal) const { return refusal_reply(refusal, asked_path_, asked_version_); }

void Connection::refuse(const Refusal& refusal, Headers more) {
  keep_alive_ = false;
  parser_.reset();
  body_.clear();
  Reply reply = reply_to(refusal);
  std::ranges::move(more, std::back_inserter(reply.headers));
  reply_here(std::move(reply));
}

void Connection::push_output(std::string bytes) {
  if (output_.empty()) {
    output_since_ms_ = now_ms();
    output_written_ = 0;
  }
  unwritten_ += bytes.size();
  output_.push_back(std::move(bytes));
}

void Connection::push_head(Reply& reply, BodyEnd end) {
  body_end_ = end;
  if (end == BodyEnd::connection) keep_alive_ = false;
  std::ranges::move(reply_headers_, std::back_inserter(reply.headers));
  reply_headers_.clear();
  const bool bare = head_only_ || has_no_body(reply.status);
  const ReplyFraming framing{.end = end,
                             .length = bare ? reply.length.value_or(reply.body.size()) : reply.body.size(),
                             .keep_alive = keep_alive_,
                             .http_1_1 = http_1_1_};
  std::string head = reply_head(reply, framing);
  if (!bare && reply.body.size() <= joined_bytes_max) head += reply.body;
  const bool apart = !bare && reply.body.size() > joined_bytes_max;
  push_output(std::move(head));
  if (apart) push_output(std::move(reply.body));
}

void Connection::reply(Reply reply) {
  {
    MutexLock lock(mutex_);
    whole_ = std::move(reply);
  }
  hand_over();
}

void Connection::begin(Reply head) {
  {
    MutexLock lock(mutex_);
    begun_ = std::move(head);
  }
  hand_over();
}

bool Connection::send(std::string_view bytes) {
  {
    MutexLock lock(mutex_);
    pieces_ += bytes;
  }
  hand_over();
  return !client_gone_;
}

bool Connection::wait_for_room(const std::stop_token& stop) {
  MutexLock lock(mutex_);
  room_came_.wait(mutex_, stop, [this]() FOVEA_REQUIRES(mutex_) {
    return client_gone_ || pieces_.size() + queued_ <= unwritten_bytes_max;
  });
  return !client_gone_ && !stop.stop_requested();
}

void Connection::end() {
  {
    MutexLock lock(mutex_);
    ended_ = true;
  }
  hand_over();
}

void Connection::abort() {
  {
    MutexLock lock(mutex_);
    aborted_ = true;
  }
  hand_over();
}

void Connection::hand_over() {
  {
    MutexLock lock(mutex_);
    if (handed_over_) return;
    handed_over_ = true;
  }
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->take_over(); });
}

void Connection::take_over() {
  std::optional<Reply> whole, begun;
  std::string pieces;
  bool ended = false, aborted = false;
  {
    MutexLock lock(mutex_);
    handed_over_ = false;
    queued_ += pieces_.size();
    std::swap(whole, whole_);
    std::swap(begun, begun_);
    std::swap(pieces, pieces_);
    std::swap(ended, ended_);
    std::swap(aborted, aborted_);
  }
  if (state_ != State::handling) return;  // closed meanwhile
  if (whole) push_head(*whole, BodyEnd::length);
  if (begun) push_head(*begun, http_1_1_ ? BodyEnd::chunks : BodyEnd::connection);
  if (!pieces.empty() && !head_only_) push_output(body_end_ == BodyEnd::chunks ? chunk_of(pieces) : std::move(pieces));
  if (ended && body_end_ == BodyEnd::chunks && !head_only_) push_output(std::string(last_chunk));
  if (whole || ended || aborted) reply_complete_ = true;
  if (aborted) reply_broken_ = true;
  write_out();
  advance();
}

void Connection::write_out() {
  while (!output_.empty() && !waiting_for_output_) {
    const std::string_view rest = std::string_view(output_.front()).substr(written_);
    const int more = output_.size() > 1 ? MSG_MORE : 0;
    const ssize_t count = ::send(socket_.native_handle(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL | more);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return close();
    if (count >= 0) {
      traffic_ms_ = now_ms();
      written_ += static_cast<std::size_t>(count);
      unwritten_ -= static_cast<std::size_t>(count);
      output_written_ += static_cast<std::uint64_t>(count);
      if (written_ < output_.front().size()) continue;
      output_.pop_front();
      written_ = 0;
      continue;
    }
    waiting_for_output_ = true;
    socket_.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                         self->waiting_for_output_ = false;
                         if (error || self->state_ == State::closed) return;
                         self->write_out();
                         self->advance();
                       });
  }
  count_unwritten();
  if (output_.empty() && reply_complete_) reply_written();
}

// For wait_for_room().
void Connection::count_unwritten() {
  bool room_came = false;
  {
    MutexLock lock(mutex_);
    const bool had_room = pieces_.size() + queued_ <= unwritten_bytes_max;
    queued_ = unwritten_;
    room_came = !had_room && pieces_.size() + queued_ <= unwritten_bytes_max;
  }
  if (room_came) room_came_.notify_all();
}

void Connection::reply_written() {
  reply_complete_ = false;
  if (std::exchange(counted_, false)) --parts_.unanswered;
  if (std::exchange(reply_broken_, false)) return break_off();
  if (!keep_alive_) return close_gently();
  state_ = State::head;
  since_ms_ = now_ms();
  if (input_.empty()) input_ = std::string();
}

void Connection::close_gently() {
  shutdown(socket_.native_handle(), SHUT_WR);
  if (input_ended_) return close();
  state_ = State::closing;
  since_ms_ = traffic_ms_ = now_ms();
}

// A client that waits for chunks misses the last one. For others the end of a connection is the end of the
// body, unless the connection is reset.
void Connection::break_off() {
  if (body_end_ == BodyEnd::chunks) return close_gently();
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void Connection::close() {
  if (state_ == State::closed) return;
  const auto self = shared_from_this();
  state_ = State::closed;
  room_timer_.cancel();
  boost::system::error_code ignored;
  ignored = socket_.close(ignored);
  body_.clear();
  output_.clear();
  unwritten_ = 0;
  if (std::exchange(counted_, false)) --parts_.unanswered;
  client_left();
  on_closed_(self);
}

bool Connection::reads_too_slowly(double now) const {
  if (output_.empty()) return false;
  const double allowed_ms = silence_ms_max + static_cast<double>(output_written_) / bytes_per_ms_min;
  return now - std::max(traffic_ms_, output_since_ms_) > silence_ms_max || now - output_since_ms_ > allowed_ms;
}

void Connection::check_time(double now) {
  const double in_state_ms = now - since_ms_, silent_ms = now - traffic_ms_;
  switch (state_) {
    case State::head:
      if (input_.empty()) {
        if (in_state_ms > parts_.options.idle_s * 1000.0) close();
      } else if (in_state_ms > head_ms_max) {
        refuse({408, "the request's head did not come", {}, "timed_out"});
        advance();
      }
      return;
    case State::body:
    case State::chunks: {
      const double allowed_ms = silence_ms_max + static_cast<double>(body_.size()) / bytes_per_ms_min;
      if (silent_ms <= silence_ms_max && in_state_ms <= allowed_ms) return;
      refuse({408, "the request's body did not come, or too slowly", {}, "timed_out"});
      return advance();
    }
    case State::handling:
      if (reads_too_slowly(now)) close();
      return;
    case State::closing:
      if (silent_ms > linger_silence_ms_max || in_state_ms > linger_ms_max) close();
      return;
    case State::room:
    case State::closed:
      return;
  }
}

}  // namespace fovea::serve
