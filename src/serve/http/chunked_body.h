// ChunkedBody: the body of a reply that is sent in chunks, from any thread.
//
// Every call of Drogon's stream is made on the connection's own thread. From another thread it may reach a
// connection that has just closed; the library then registers the closed socket again, which ends the
// process. Shared by Drogon, which opens it once the head is sent, and by the handler, through the stream
// that stream_of() gives it. Thread-safe.
#pragma once

#include <drogon/HttpResponse.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "serve/exchange.h"

namespace trantor {
class EventLoop;
}

namespace fovea::serve {

class ChunkedBody final : public std::enable_shared_from_this<ChunkedBody> {
 public:
  // On the connection's thread, when Drogon has sent the head. What was sent before is sent now.
  void open(drogon::ResponseStreamPtr stream);
  // False once the client is known to be gone. Does not wait.
  bool send(std::string_view bytes);
  void end();

 private:
  Mutex mutex_;
  trantor::EventLoop* loop_ FOVEA_GUARDED_BY(mutex_) = nullptr;
  // Guarded is the pointer; the stream itself belongs to the connection's thread.
  std::shared_ptr<drogon::ResponseStream> stream_ FOVEA_GUARDED_BY(mutex_);
  std::string early_ FOVEA_GUARDED_BY(mutex_);  // sent before open()
  bool ended_ FOVEA_GUARDED_BY(mutex_) = false;
  std::atomic<bool> client_gone_ = false;
};

// The handler's end of `body`: ends it when destroyed. Drogon may hold the body itself longer.
std::unique_ptr<BodyStream> stream_of(std::shared_ptr<ChunkedBody> body);

}  // namespace fovea::serve
