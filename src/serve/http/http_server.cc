// Approach: a few event loops, one thread each, own the connections between them and never wait. Each
// complete request becomes a task of a pool of threads, since its handler may wait for the model; what looks
// at the server itself (/health, /metrics) has threads of its own, so that it answers however many others
// wait. Shutting down (drain) waits until no request is open and all replies are written.
#include "serve/http/http_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <exception>
#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "serve/http/connection/connection.h"
#include "serve/http/listen_address.h"

namespace fovea::serve {

namespace {

using boost::asio::posix::stream_descriptor;

constexpr std::chrono::milliseconds poll_time(500);  // whether clients took too long
constexpr std::chrono::milliseconds poll_drain(20);
constexpr std::chrono::milliseconds accept_again(50);  // where the process has no file descriptor left
constexpr double last_replies_ms = 2'000;              // behind the grace, for those that were stopped
constexpr std::size_t threads_apart = 2;
constexpr int accepted_at_once = 64;
constexpr int unsent_bytes_max = 256 << 10;  // of one connection, in the kernel

// A stream is many small pieces. Without this the kernel holds each one back until the client has
// acknowledged the last, which clients take 40 ms to do.
void send_at_once(int connection) {
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // So the kernel asks for more bytes often enough to show that a slow client reads.
  setsockopt(connection, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_bytes_max, sizeof unsent_bytes_max);
}

// One thread's connections. Its functions run on that thread, but for adopt() and stop().
class EventLoop {
 public:
  explicit EventLoop(std::atomic<std::size_t>& connections) : connections_(connections), clock_(io_) { check_times(); }

  boost::asio::io_context& io() { return io_; }
  void run() {
    while (!io_.stopped()) {
      try {
        io_.run();
      } catch (const std::exception& error) {
        spdlog::error("a connection could not go on: {}", error.what());
      }
    }
  }
  void stop() { io_.stop(); }

  // Serves the client at `socket` from now on.
  void adopt(int socket, const ConnectionParts& parts) {
    boost::asio::post(io_, [this, socket, &parts] {
      const auto closed = [this](const std::shared_ptr<Connection>& connection) {
        if (open_.erase(connection) > 0) --connections_;
      };
      const auto connection = std::make_shared<Connection>(io_, socket, parts, closed);
      open_.insert(connection);
      connection->start();
    });
  }

 private:
  void check_times() {
    clock_.expires_after(poll_time);
    clock_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      const double now_ms = Clock::steady().now_ms();
      const std::vector<std::shared_ptr<Connection>> all(open_.begin(), open_.end());  // each may leave
      for (const auto& connection : all) connection->check_time(now_ms);
      check_times();
    });
  }

  std::atomic<std::size_t>& connections_;
  boost::asio::io_context io_{1};
  std::set<std::shared_ptr<Connection>> open_;
  boost::asio::steady_timer clock_;
};

}  // namespace

struct HttpServer::State {
  State(HttpServerOptions chosen, std::vector<Route> served, OnRefusal told);

  void accept();
  void accept_all();
  void drain(double grace_ms, Stopwatch since);
  EventLoop& first() { return *loops.front(); }

  const HttpServerOptions options;
  const std::vector<Route> routes;
  const OnRefusal on_refusal;
  const RouteTable table{routes};
  const Cors cors{options.cors_origins};
  BodyMemory memory{options.body_memory_bytes_max};
  OpenRequests open;
  std::atomic<bool> draining = false;
  std::atomic<std::size_t> unanswered = 0, connections = 0;
  std::size_t accepted = 0;
  std::vector<std::unique_ptr<EventLoop>> loops;
  std::unique_ptr<stream_descriptor> listener;
  std::unique_ptr<boost::asio::steady_timer> timer, accept_timer;
  HandlerPool handlers{options.handler_threads}, apart{threads_apart};  // behind all that handlers use
  const ConnectionParts parts{options, table, cors, memory, handlers, apart, open, draining, unanswered, on_refusal};
};

HttpServer::State::State(HttpServerOptions chosen, std::vector<Route> served, OnRefusal told)
    : options(std::move(chosen)), routes(std::move(served)), on_refusal(std::move(told)) {
  for (std::uint32_t i = 0; i < options.io_threads; ++i) loops.push_back(std::make_unique<EventLoop>(connections));
  timer = std::make_unique<boost::asio::steady_timer>(first().io());
  accept_timer = std::make_unique<boost::asio::steady_timer>(first().io());
}

void HttpServer::State::accept() {
  listener->async_wait(stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (!error) accept_all();
  });
}

void HttpServer::State::accept_all() {
  for (int i = 0; i < accepted_at_once; ++i) {
    const int socket = accept4(listener->native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
      accept_timer->expires_after(accept_again);
      return accept_timer->async_wait([this](const boost::system::error_code& error) {
        if (!error) accept();
      });
    }
    if (socket < 0) break;
    if (connections >= options.connections_max) {
      close(socket);
      continue;
    }
    ++connections;
    send_at_once(socket);
    loops[accepted++ % loops.size()]->adopt(socket, parts);
  }
  accept();
}

// On the first loop: polls until no request is open any more, and stops them all when the grace is over.
void HttpServer::State::drain(double grace_ms, Stopwatch since) {
  const double elapsed_ms = since.elapsed_ms();
  if (elapsed_ms >= grace_ms) open.stop_all();
  const bool written = unanswered == 0 || elapsed_ms >= grace_ms + last_replies_ms;
  if (open.empty() && written) {
    for (const auto& loop : loops) loop->stop();
    return;
  }
  timer->expires_after(poll_drain);
  timer->async_wait([this, grace_ms, since](const boost::system::error_code& error) {
    if (!error) drain(grace_ms, since);
  });
}

HttpServer::HttpServer(HttpServerOptions options, std::vector<Route> routes, OnRefusal on_refusal)
    : state_(std::make_unique<State>(std::move(options), std::move(routes), std::move(on_refusal))) {}

HttpServer::~HttpServer() = default;

Result<void> HttpServer::run(const std::function<void(std::uint16_t port)>& on_listening) {
  State& state = *state_;
  auto listening = Listening::on(state.options.host, state.options.port);
  if (!listening) return std::unexpected(listening.error());
  const std::uint16_t port = listening->port();
  state.listener = std::make_unique<stream_descriptor>(state.first().io(), listening->release());
  state.accept();
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < state.loops.size(); ++i) others.emplace_back([&loop = *state.loops[i]] { loop.run(); });
  on_listening(port);
  state.first().run();
  return {};
}

void HttpServer::stop(double grace_ms) {
  boost::asio::post(state_->first().io(), [this, grace_ms] {
    if (!state_->draining.exchange(true)) state_->drain(grace_ms, Stopwatch());
  });
}

}  // namespace fovea::serve
