#include "serve/http/chunked_body.h"

#include <trantor/net/EventLoop.h>

#include <utility>

namespace fovea::serve {

namespace {

class ChunkedBodyStream final : public BodyStream {
 public:
  explicit ChunkedBodyStream(std::shared_ptr<ChunkedBody> body) : body_(std::move(body)) {}
  ~ChunkedBodyStream() override { body_->end(); }
  ChunkedBodyStream(const ChunkedBodyStream&) = delete;
  ChunkedBodyStream& operator=(const ChunkedBodyStream&) = delete;
  bool send(std::string_view bytes) override { return body_->send(bytes); }

 private:
  const std::shared_ptr<ChunkedBody> body_;
};

}  // namespace

void ChunkedBody::open(drogon::ResponseStreamPtr stream) {
  MutexLock lock(mutex_);
  loop_ = trantor::EventLoop::getEventLoopOfCurrentThread();
  stream_ = std::move(stream);
  if (!early_.empty()) stream_->send(early_);
  early_.clear();
  if (ended_) stream_->close();
}

bool ChunkedBody::send(std::string_view bytes) {
  if (bytes.empty()) return true;  // an empty chunk would end the body
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

void ChunkedBody::end() {
  MutexLock lock(mutex_);
  ended_ = true;
  if (stream_) loop_->queueInLoop([stream = stream_] { stream->close(); });
}

std::unique_ptr<BodyStream> stream_of(std::shared_ptr<ChunkedBody> body) {
  return std::make_unique<ChunkedBodyStream>(std::move(body));
}

}  // namespace fovea::serve
