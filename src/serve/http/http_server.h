// HttpServer: HTTP in front of handlers, on Drogon. One a process, since Drogon is.
//
// A request's whole body is read first. Then its handler runs on one of a pool of threads, where it may wait
// for the model; Drogon's own threads never wait. A body above the limit is refused as soon as its length is
// known. A handler learns that its client has left from the exchange's stop token. run() and stop() may be
// called from different threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fovea/result.h"
#include "serve/exchange.h"

namespace fovea::serve {

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::uint64_t body_bytes_max = std::uint64_t{64} << 20;
  std::uint32_t connections_max = 2048;
  std::uint32_t io_threads = 2;
  std::uint32_t handler_threads = 72;
  // A connection without traffic for so long is closed, also one that waits for its reply: longer than any
  // reply takes.
  std::uint32_t idle_s = 615;
};

class HttpServer {
 public:
  using Handler = std::function<void(Exchange&)>;

  struct Route {
    std::string method;  // "GET"
    std::string path;    // "/v1/files"; with "/*" at the end, everything below
    Handler handler;
  };

  HttpServer(HttpServerOptions options, std::vector<Route> routes);
  ~HttpServer();

  // Serves until stop(), on the calling thread, which is the process's first. `on_listening` is called once
  // requests are accepted. Faults: those of check_listen_address(); unavailable, where no folder for uploads
  // can be made.
  Result<void> run(const std::function<void(std::uint16_t port)>& on_listening);

  // Refuses new requests, and returns from run() when those that were accepted are answered, or after
  // `grace_ms`. From any thread, also a signal's.
  void stop(double grace_ms);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fovea::serve
