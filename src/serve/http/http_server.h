// HttpServer: HTTP/1.1 in front of handlers, in the clear or over TLS.
//
// A request's whole body is read first. Then its handler runs on one of a pool of threads, where it may wait
// for the model; the threads of connections never wait. A body above the limit is refused as soon as its
// length is known. A handler learns that its client has left from the exchange's stop token. run() and stop()
// may be called from different threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fovea/result.h"
#include "serve/exchange.h"
#include "serve/http/route.h"

namespace fovea::serve {

class ServerCertificate;

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::uint64_t body_bytes_max = std::uint64_t{64} << 20;
  // Of all bodies that are read and handled at the same time. More wait to be read, for a while.
  std::uint64_t body_memory_bytes_max = std::uint64_t{1} << 30;
  std::uint32_t connections_max = 2048;
  std::uint32_t io_threads = 2;
  std::uint32_t handler_threads = 72;
  // A connection without a request for so long is closed: longer than clients and proxies keep one.
  std::uint32_t idle_s = 120;
  // With a certificate all connections speak TLS, and a client has so long for the handshake.
  std::shared_ptr<ServerCertificate> certificate = nullptr;
  double handshake_s = 10;
  // Web pages of these origins may read replies: "https://app.example", or "*" for all.
  std::vector<std::string> cors_origins;
  // Whether requests that foreign web pages make a browser send are refused: for a server that asks for no
  // keys.
  bool pages_checked = false;
  // Then, whether also requests under a name that is neither local nor one of those origins' are refused: for
  // a server that only its own machine can reach.
  bool names_checked = false;
};

class HttpServer {
 public:
  using Handler = std::function<void(Exchange&)>;
  using Route = serve::Route;

  // `on_refusal` is told the status of each request that was refused without its handler, or that its handler
  // did not reply to. On any thread; it does not wait.
  using OnRefusal = std::function<void(int status)>;

  HttpServer(HttpServerOptions options, std::vector<Route> routes, OnRefusal on_refusal = [](int) {});
  ~HttpServer();

  // Serves until stop(), on the calling thread among others. `on_listening` is called once requests are
  // accepted. Faults: those of Listening::on().
  Result<void> run(const std::function<void(std::uint16_t port)>& on_listening);

  // Refuses new requests, and returns from run() when those that were accepted are answered, or after
  // `grace_ms`. From any thread.
  void stop(double grace_ms);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fovea::serve
