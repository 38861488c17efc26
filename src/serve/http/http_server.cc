// Approach: Drogon's threads read requests and write replies. Each complete request becomes a task of a pool
// of threads, since its handler may wait for the model. Replies go back through Drogon's callback, which
// queues them to the connection's own thread. Shutting down (drain) waits until no exchange is alive: each
// one holds its client in the ClientWatch.
#include "serve/http/http_server.h"

#include <drogon/HttpAppFramework.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <trantor/net/EventLoop.h>
#include <trantor/net/InetAddress.h>
#include <trantor/utils/ConcurrentTaskQueue.h>

#include <atomic>
#include <exception>
#include <format>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "serve/http/client_watch.h"
#include "serve/http/drogon_exchange.h"
#include "serve/http/drogon_log.h"
#include "serve/http/drogon_reply.h"
#include "serve/http/listen_address.h"
#include "serve/http/request_limits.h"
#include "serve/http/spool_folder.h"
#include "serve/send_refusal.h"

namespace fovea::serve {

namespace {

constexpr double poll_clients_s = 0.05;
constexpr double poll_drain_s = 0.02;
constexpr double poll_listening_s = 0.001;

// A stream is many small pieces. Without this the kernel holds each one back until the client has
// acknowledged the last, which clients take 40 ms to do.
void send_at_once(int connection) {
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

drogon::HttpMethod method_of(const std::string& name) {
  if (name == "GET") return drogon::Get;
  return name == "DELETE" ? drogon::Delete : drogon::Post;
}

}  // namespace

struct HttpServer::State {
  State(HttpServerOptions chosen, std::vector<Route> served)
      : options(std::move(chosen)), routes(std::move(served)), handlers(options.handler_threads, "handlers") {}

  void accept(const Handler& handler, const drogon::HttpRequestPtr& request, drogon::AdviceCallback&& callback);
  static void run_handler(const Handler& handler, DrogonExchange& exchange);
  void configure();
  void add_routes();
  static void call_when_listening(const std::function<void(std::uint16_t port)>& on_listening);
  void drain(double grace_ms);

  const HttpServerOptions options;
  const std::vector<Route> routes;
  SpoolFolder spool;
  ClientWatch clients;
  std::atomic<bool> draining = false;
  trantor::ConcurrentTaskQueue handlers;
};

// A complete request: refused here, or queued for a handler thread.
void HttpServer::State::accept(const Handler& handler, const drogon::HttpRequestPtr& request,
                               drogon::AdviceCallback&& callback) {
  auto exchange = std::make_shared<DrogonExchange>(request, std::move(callback), clients);
  if (const auto refusal = refused_head(*request)) return send_refusal(*exchange, *refusal);
  if (draining)
    return send_refusal(*exchange, {503, "the server is shutting down: ask again in a moment", {}, "shutting_down", 1});
  handlers.runTaskInQueue([&handler, exchange = std::move(exchange)] { run_handler(handler, *exchange); });
}

void HttpServer::State::run_handler(const Handler& handler, DrogonExchange& exchange) {
  std::string why;
  try {
    handler(exchange);
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (!exchange.replied()) send_refusal(exchange, {500, "the request could not be handled: " + why, {}, "internal"});
}

void HttpServer::State::configure() {
  drogon::app()
      .addListener(options.host, options.port)
      .setThreadNum(options.io_threads)
      .setMaxConnectionNum(options.connections_max)
      .setClientMaxBodySize(options.body_bytes_max)
      .setClientMaxMemoryBodySize(body_memory_max)
      .setUploadPath(spool.path().string())
      .setIdleConnectionTimeout(options.idle_s)
      .setPipeliningRequestsNumber(pipelined_max)
      .disableSigtermHandling()
      .enableServerHeader(false)
      .enableGzip(false);
  drogon::app().setAfterAcceptSockOptCallback(send_at_once);
  drogon::app().setCustomErrorHandler(error_reply);
  drogon::app().getLoop()->runEvery(poll_clients_s, [this] { clients.poll(); });
}

void HttpServer::State::add_routes() {
  for (const Route& route : routes) {
    auto accept_it = [this, &route](const drogon::HttpRequestPtr& request, drogon::AdviceCallback&& callback) {
      accept(route.handler, request, std::move(callback));
    };
    const drogon::HttpMethod method = method_of(route.method);
    // Moved: Drogon keeps a reference to a function that it is not given for good.
    if (route.path.ends_with("/*"))
      drogon::app().registerHandlerViaRegex(route.path.substr(0, route.path.size() - 1) + ".+", std::move(accept_it),
                                            {method});
    else
      drogon::app().registerHandler(route.path, std::move(accept_it), {method});
  }
}

// Each of Drogon's threads was told to listen, does so in its own time, and tells nobody. What is queued
// behind that may find it not done (a third of all starts on a busy machine), so the address itself is asked.
void HttpServer::State::call_when_listening(const std::function<void(std::uint16_t port)>& on_listening) {
  const trantor::InetAddress address = drogon::app().getListeners().front();
  if (is_listened_on(address)) return on_listening(address.toPort());
  drogon::app().getLoop()->runAfter(poll_listening_s, [&on_listening] { call_when_listening(on_listening); });
}

// On Drogon's main loop: polls until no request is handled any more, and stops them all when the grace is
// over.
void HttpServer::State::drain(double grace_ms) {
  const auto since = std::make_shared<Stopwatch>();
  drogon::app().getLoop()->runEvery(poll_drain_s, [this, since, grace_ms] {
    if (!clients.empty() && since->elapsed_ms() < grace_ms) return;
    clients.stop_all();
    if (clients.empty()) drogon::app().quit();
  });
}

HttpServer::HttpServer(HttpServerOptions options, std::vector<Route> routes)
    : state_(std::make_unique<State>(std::move(options), std::move(routes))) {}

HttpServer::~HttpServer() = default;

Result<void> HttpServer::run(const std::function<void(std::uint16_t port)>& on_listening) {
  if (!state_->spool.made()) {
    return fail(Fault::unavailable,
                std::format("{} cannot be made, for uploads; set TMPDIR to a folder that can be written",
                            state_->spool.path().string()));
  }
  if (auto usable = check_listen_address(state_->options.host, state_->options.port); !usable) return usable;
  log_drogon_with_spdlog();
  try {
    state_->configure();
    state_->add_routes();
    drogon::app().registerBeginningAdvice([&] { State::call_when_listening(on_listening); });
    drogon::app().run();
  } catch (const std::exception& error) {
    return fail(Fault::internal, std::format("the server could not go on: {}", error.what()));
  }
  return {};
}

void HttpServer::stop(double grace_ms) {
  drogon::app().getLoop()->queueInLoop([this, grace_ms] {
    if (!state_->draining.exchange(true)) state_->drain(grace_ms);
  });
}

}  // namespace fovea::serve
