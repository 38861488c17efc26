// What is seen lies in an object of its own, which the exchange and the stream share: a handler may keep its
// stream for longer than the exchange. A stream sends a few bytes at a time, from any thread, so remembering
// them must cost little: the tail grows to twice its length before it is cut.
#include "serve/audit/watched_exchange.h"

#include <algorithm>
#include <utility>

namespace fovea::serve {

class WatchedExchange::Sight {
 public:
  explicit Sight(const Clock& clock) : watch_(clock) {}

  void begin(int status, bool streamed) {
    MutexLock lock(mutex_);
    seen_.status = status;
    seen_.streamed = streamed;
  }

  void see(std::string_view bytes) {
    MutexLock lock(mutex_);
    if (seen_.bytes == 0 && !bytes.empty()) seen_.first_byte_ms = watch_.elapsed_ms();
    seen_.bytes += bytes.size();
    const std::size_t first = std::min(bytes.size(), head_bytes - seen_.head.size());
    seen_.head += bytes.substr(0, first);
    bytes.remove_prefix(first);
    if (bytes.size() > tail_bytes) bytes.remove_prefix(bytes.size() - tail_bytes);
    seen_.tail += bytes;
    // Cut now and then only: a stream sends a few bytes at a time.
    if (seen_.tail.size() > 2 * tail_bytes) seen_.tail.erase(0, seen_.tail.size() - tail_bytes);
  }

  void end(bool broken) {
    MutexLock lock(mutex_);
    seen_.total_ms = watch_.elapsed_ms();
    seen_.broken = seen_.broken || broken;
    if (seen_.bytes == 0) seen_.first_byte_ms = seen_.total_ms;
  }

  SeenReply seen() const {
    MutexLock lock(mutex_);
    SeenReply seen = seen_;
    if (seen.tail.size() > tail_bytes) seen.tail.erase(0, seen.tail.size() - tail_bytes);
    return seen;
  }

 private:
  const Stopwatch watch_;
  mutable Mutex mutex_;
  SeenReply seen_ FOVEA_GUARDED_BY(mutex_);
};

class WatchedExchange::Stream final : public BodyStream {
 public:
  Stream(std::unique_ptr<BodyStream> stream, std::shared_ptr<Sight> sight)
      : stream_(std::move(stream)), sight_(std::move(sight)) {}
  ~Stream() override {
    stream_.reset();
    sight_->end(false);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  bool send(std::string_view bytes) override {
    sight_->see(bytes);
    const bool sent = stream_->send(bytes);
    if (!sent) sight_->end(true);
    return sent;
  }
  bool wait_for_room() override { return stream_->wait_for_room(); }
  void abort() override {
    sight_->end(true);
    stream_->abort();
  }

 private:
  std::unique_ptr<BodyStream> stream_;
  const std::shared_ptr<Sight> sight_;
};

WatchedExchange::WatchedExchange(Exchange& exchange, const Clock& clock)
    : exchange_(exchange), sight_(std::make_shared<Sight>(clock)) {}

SeenReply WatchedExchange::seen() const { return sight_->seen(); }

void WatchedExchange::reply(Reply reply) {
  sight_->begin(reply.status, false);
  sight_->see(reply.body);
  exchange_.reply(std::move(reply));
  sight_->end(false);
}

std::unique_ptr<BodyStream> WatchedExchange::begin_stream(Reply head) {
  sight_->begin(head.status, true);
  return std::make_unique<Stream>(exchange_.begin_stream(std::move(head)), sight_);
}

}  // namespace fovea::serve
