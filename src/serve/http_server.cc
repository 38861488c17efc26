// Approach: Drogon's threads read requests and write replies; each complete request becomes a task of a pool of threads, since
// its handler may wait for the model. Replies come back from there through Drogon's callback, which queues them to the
// connection's own thread.
//
// Drogon tells nobody that a client has left before it is sent something, so one timer looks at the connections of the requests
// that are being handled, or wait for a thread: a few for each connection at most.
#include "serve/http_server.h"

#include <drogon/drogon.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <trantor/net/EventLoop.h>
#include <trantor/utils/ConcurrentTaskQueue.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <format>
#include <list>
#include <memory>

#include "base/clock.h"
#include "base/mutex.h"
#include "serve/refuse.h"

namespace fovea::serve {

namespace {

constexpr double poll_clients_s = 0.05;
// Larger bodies wait on disk until they are complete, so that many slow uploads do not fill the memory.
constexpr std::size_t body_memory_max = 1 << 20;
constexpr std::size_t headers_max = 100;   // browsers send some twenty, proxies add some more
constexpr std::size_t pipelined_max = 16;  // requests of a connection that asks before it was answered
constexpr double drain_poll_s = 0.02;

drogon::HttpResponsePtr response_of(const Reply& reply) {
  auto response =
      drogon::HttpResponse::newHttpResponse(static_cast<drogon::HttpStatusCode>(reply.status), drogon::CT_CUSTOM);
  response->setContentTypeString(reply.content_type);
  for (const auto& [name, value] : reply.headers) response->addHeader(name, value);
  return response;
}

// Requests that are being handled, and whose clients may leave meanwhile. Thread-safe.
class Watch {
 public:
  struct Client {
    std::weak_ptr<trantor::TcpConnection> connection;
    std::stop_source gone;
  };
  using Place = std::list<Client>::iterator;

  Place add(const std::weak_ptr<trantor::TcpConnection>& connection) {
    MutexLock lock(mutex_);
    return clients_.insert(clients_.end(), {connection, {}});
  }
  void remove(Place place) {
    MutexLock lock(mutex_);
    clients_.erase(place);
  }
  bool empty() const {
    MutexLock lock(mutex_);
    return clients_.empty();
  }
  // Stops the requests of clients who have left, or of all. Stop callbacks run here, without the lock.
  void poll(bool stop_all) {
    std::vector<std::stop_source> gone;
    {
      MutexLock lock(mutex_);
      for (const Client& client : clients_) {
        const auto connection = client.connection.lock();
        if (stop_all || !connection || !connection->connected()) gone.push_back(client.gone);
      }
    }
    for (std::stop_source& client : gone) client.request_stop();
  }

 private:
  mutable Mutex mutex_;
  std::list<Client> clients_ FOVEA_GUARDED_BY(mutex_);
};

// A body that is sent in pieces, from any thread. What is said to Drogon's stream is said on the connection's own thread: from
// another one it may reach a connection that has just closed, and the library wakes it up again, which ends the process.
class ChunkedBody final : public std::enable_shared_from_this<ChunkedBody> {
 public:
  // On the connection's thread, when Drogon has sent the head; what is sent before waits.
  void open(drogon::ResponseStreamPtr stream) {
    MutexLock lock(mutex_);
    loop_ = trantor::EventLoop::getEventLoopOfCurrentThread();
    stream_ = std::move(stream);
    if (!early_.empty()) stream_->send(early_);
    early_.clear();
    if (ended_) stream_->close();
  }
  void end() {
    MutexLock lock(mutex_);
    ended_ = true;
    if (stream_) loop_->queueInLoop([stream = stream_] { stream->close(); });
  }
  // False once the client is known to be gone.
  bool send(std::string_view bytes) {
    if (bytes.empty()) return true;  // as a chunk it would be the last one
    MutexLock lock(mutex_);
    if (!stream_) {
      early_ += bytes;
      return true;
    }
    loop_->queueInLoop([self = shared_from_this(), stream = stream_, text = std::string(bytes)] {
      if (!stream->send(text)) self->client_gone_ = true;
    });
    return !client_gone_;
  }

 private:
  Mutex mutex_;
  trantor::EventLoop* loop_ FOVEA_GUARDED_BY(mutex_) = nullptr;
  std::shared_ptr<drogon::ResponseStream> stream_
      FOVEA_GUARDED_BY(mutex_);  // what it points to: the connection's thread
  std::string early_ FOVEA_GUARDED_BY(mutex_);
  bool ended_ FOVEA_GUARDED_BY(mutex_) = false;
  std::atomic<bool> client_gone_ = false;
};

// The handler's end of a ChunkedBody, which Drogon may hold longer.
class BodyEnd final : public BodyStream {
 public:
  explicit BodyEnd(std::shared_ptr<ChunkedBody> body) : body_(std::move(body)) {}
  ~BodyEnd() override { body_->end(); }
  BodyEnd(const BodyEnd&) = delete;
  BodyEnd& operator=(const BodyEnd&) = delete;
  bool send(std::string_view bytes) override { return body_->send(bytes); }

 private:
  std::shared_ptr<ChunkedBody> body_;
};

class DrogonExchange final : public Exchange {
 public:
  DrogonExchange(drogon::HttpRequestPtr request, drogon::AdviceCallback callback, Watch& watch)
      : request_(std::move(request)),
        callback_(std::move(callback)),
        watch_(watch),
        place_(watch.add(request_->getConnectionPtr())) {}
  ~DrogonExchange() override { watch_.remove(place_); }
  DrogonExchange(const DrogonExchange&) = delete;
  DrogonExchange& operator=(const DrogonExchange&) = delete;

  std::string_view path() const override { return request_->path(); }
  std::string_view header(std::string_view name) const override { return request_->getHeader(std::string(name)); }
  std::string query(std::string_view name) const override { return request_->getParameter(std::string(name)); }
  std::string_view body() const override { return request_->body(); }
  std::vector<FormField> form() const override;
  std::stop_token client_gone() const override { return place_->gone.get_token(); }

  void reply(Reply reply) override {
    const auto response = response_of(reply);
    response->setBody(std::move(reply.body));
    give(response);
  }

  std::unique_ptr<BodyStream> begin_stream(Reply head) override {
    auto body = std::make_shared<ChunkedBody>();
    const auto response = drogon::HttpResponse::newAsyncStreamResponse(
        [body](drogon::ResponseStreamPtr stream) { body->open(std::move(stream)); }, true);
    response->setContentTypeString(head.content_type);
    for (const auto& [name, value] : head.headers) response->addHeader(name, value);
    give(response);
    return std::make_unique<BodyEnd>(std::move(body));
  }

  bool replied() const { return !callback_; }

 private:
  void give(const drogon::HttpResponsePtr& response) { std::exchange(callback_, nullptr)(response); }
  std::string_view kept(const std::string& text) const { return form_texts_.emplace_back(text); }

  drogon::HttpRequestPtr request_;
  drogon::AdviceCallback callback_;
  Watch& watch_;
  Watch::Place place_;
  mutable std::deque<std::string> form_texts_;
};

std::vector<FormField> DrogonExchange::form() const {
  drogon::MultiPartParser parser;
  std::vector<FormField> fields;
  if (parser.parse(request_) != 0) return fields;
  for (const auto& file : parser.getFiles())
    fields.push_back({file.getItemName(), file.getFileName(), {file.fileData(), file.fileLength()}});
  // The parser's own texts go with it.
  for (const auto& [name, text] : parser.getParameters()) fields.push_back({name, {}, kept(text)});
  return fields;
}

// A folder of our own for bodies that wait on disk; Drogon would make one where the server was started. It carries our process
// id, so that those of servers that were killed are known, and removed by the next one.
class SpoolFolder {
 public:
  SpoolFolder() : path_(std::filesystem::temp_directory_path() / (std::string(prefix) + std::to_string(getpid()))) {
    remove_abandoned();
    made_ = mkdir(path_.c_str(), S_IRWXU) == 0;
  }
  ~SpoolFolder() {
    std::error_code ignored;
    if (made_) std::filesystem::remove_all(path_, ignored);
  }
  SpoolFolder(const SpoolFolder&) = delete;
  SpoolFolder& operator=(const SpoolFolder&) = delete;
  bool made() const { return made_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  static constexpr std::string_view prefix = "fovea-serve-";

  void remove_abandoned() const {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(path_.parent_path(), ignored)) {
      const std::string name = entry.path().filename();
      if (!name.starts_with(prefix)) continue;
      const bool alive = std::filesystem::exists("/proc/" + name.substr(prefix.size()), ignored);
      if (!alive || entry.path() == path_) std::filesystem::remove_all(entry.path(), ignored);
    }
  }

  const std::filesystem::path path_;
  bool made_ = false;
};

// Whether the address can be listened on: Drogon would end the process where it cannot.
Result<void> try_address(const std::string& host, std::uint16_t port) {
  const trantor::InetAddress address(host, port, host.contains(':'));
  if (address.isUnspecified())
    return fail(Fault::invalid,
                std::format("--host {}: this is no IP address; write 127.0.0.1, 0.0.0.0 or ::1, say", host));
  const int probe = socket(address.getSockAddr()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int reuse = 1;  // as Drogon will
  setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  const auto length = static_cast<socklen_t>(address.isIpV6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
  const bool bound = bind(probe, address.getSockAddr(), length) == 0;
  const std::string why = bound ? "" : std::strerror(errno);
  close(probe);
  if (bound) return {};
  return fail(Fault::unavailable, std::format("{}:{} cannot be listened on: {}", host, port, why));
}

// A stream is many small pieces: the kernel would hold each back until the client has acknowledged the last one, which
// clients take 40 ms to do.
void send_at_once(int connection) {
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// What Drogon has to say goes where everything else does.
void log_line(const char* line, std::uint64_t length) {
  std::string_view text(line, length);
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (text.contains("no writing but write callback called")) return;  // a client that left; the word before it is FATAL
  spdlog::warn("{}", text);
}

}  // namespace

struct HttpServer::State {
  State(HttpServerOptions chosen, std::vector<Route> served)
      : options(std::move(chosen)), routes(std::move(served)), pool(options.handler_threads, "handlers") {}

  void handle(const Handler& handler, const drogon::HttpRequestPtr& request, drogon::AdviceCallback&& callback);
  void run_handler(const Handler& handler, DrogonExchange& exchange) const;
  void configure();
  void add_routes();
  static void tell_when_listening(const std::function<void(std::uint16_t port)>& on_listening);
  void drain(double grace_ms);

  const HttpServerOptions options;
  const std::vector<Route> routes;
  SpoolFolder spool;
  Watch watch;
  std::atomic<bool> draining = false;
  trantor::ConcurrentTaskQueue pool;
};

void HttpServer::State::handle(const Handler& handler, const drogon::HttpRequestPtr& request,
                               drogon::AdviceCallback&& callback) {
  auto exchange = std::make_shared<DrogonExchange>(request, std::move(callback), watch);
  if (request->headers().size() > headers_max) {
    refuse_with(*exchange, {431, std::format("more than {} header fields", headers_max), {}, "too_many_headers"});
    return;
  }
  // What a proxy in front may have read otherwise (RFC 9112, 6.1).
  if (!request->getHeader("transfer-encoding").empty() && !request->getHeader("content-length").empty()) {
    refuse_with(*exchange,
                {400, "a request has a Content-Length or a Transfer-Encoding, not both", {}, "invalid_headers"});
    return;
  }
  if (draining) {
    refuse_with(*exchange, {503, "the server is shutting down: ask again in a moment", {}, "shutting_down", 1});
    return;
  }
  pool.runTaskInQueue([this, &handler, exchange = std::move(exchange)] { run_handler(handler, *exchange); });
}

void HttpServer::State::run_handler(const Handler& handler, DrogonExchange& exchange) const {
  std::string why;
  try {
    handler(exchange);
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (!exchange.replied()) refuse_with(exchange, {500, "the request could not be handled: " + why, {}, "internal"});
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
  drogon::app().setCustomErrorHandler([](drogon::HttpStatusCode code, const drogon::HttpRequestPtr& request) {
    const int status = static_cast<int>(code);
    const std::string what = status == 404 ? std::format("there is nothing at {}", request->path())
                             : status == 405
                                 ? std::format("{} does not take {}", request->path(), request->methodString())
                             : status == 413 ? "the request's body is larger than this server takes"
                                             : "the request cannot be handled";
    const Refusal refusal{status, what, {}, status == 404 ? "not_found" : ""};
    auto response = response_of({.status = status});
    response->setBody(refusal.json());
    return response;
  });
  drogon::app().getLoop()->runEvery(poll_clients_s, [this] { watch.poll(false); });
}

void HttpServer::State::add_routes() {
  for (const Route& route : routes) {
    auto handle_it = [this, &route](const drogon::HttpRequestPtr& request, drogon::AdviceCallback&& callback) {
      handle(route.handler, request, std::move(callback));
    };
    const auto method = route.method == "GET" ? drogon::Get : route.method == "DELETE" ? drogon::Delete : drogon::Post;
    // Moved: Drogon keeps a reference to what it is not given for good.
    if (route.path.ends_with("/*"))
      drogon::app().registerHandlerViaRegex(route.path.substr(0, route.path.size() - 1) + ".+", std::move(handle_it),
                                            {method});
    else
      drogon::app().registerHandler(route.path, std::move(handle_it), {method});
  }
}

// Each of Drogon's threads was told to listen, and does it in its own time: what is queued behind that finds it done.
void HttpServer::State::tell_when_listening(const std::function<void(std::uint16_t port)>& on_listening) {
  const std::uint16_t port = drogon::app().getListeners().front().toPort();
  const auto waiting = std::make_shared<std::atomic<std::size_t>>(drogon::app().getThreadNum());
  for (std::size_t i = 0; i < drogon::app().getThreadNum(); ++i) {
    drogon::app().getIOLoop(i)->queueInLoop([=, &on_listening] {
      if (--*waiting == 0) on_listening(port);
    });
  }
}

// Runs on Drogon's main loop until nothing is handled any more.
void HttpServer::State::drain(double grace_ms) {
  const auto since = std::make_shared<Stopwatch>();
  drogon::app().getLoop()->runEvery(drain_poll_s, [this, since, grace_ms] {
    if (!watch.empty() && since->elapsed_ms() < grace_ms) return;
    watch.poll(true);
    if (watch.empty()) drogon::app().quit();
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
  if (auto usable = try_address(state_->options.host, state_->options.port); !usable) return usable;
  trantor::Logger::setOutputFunction(log_line, [] {});
  trantor::Logger::setLogLevel(trantor::Logger::kWarn);
  try {
    state_->configure();
    state_->add_routes();
    drogon::app().registerBeginningAdvice([&] { state_->tell_when_listening(on_listening); });
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
