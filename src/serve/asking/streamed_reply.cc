#include "serve/asking/streamed_reply.h"

#include <utility>

#include "serve/wire/report_headers.h"

namespace fovea::serve {

void StreamedReply::start(const RequestReport& so_far) {
  if (std::exchange(begun_, true)) return;
  head_ = {.content_type = "text/event-stream", .headers = report_headers(so_far, read_ms_)};
  head_.headers.emplace_back("Cache-Control", "no-store");  // a cache between must not store a part of a stream
  if (so_far.response != Outcome::hit || at_once_) stream_ = exchange_.begin_stream(head_);
  send(form_.first_events(so_far));
}

void StreamedReply::pieces(const std::vector<AnswerPiece>& pieces) {
  for (const AnswerPiece& piece : pieces) send(form_.piece_event(piece));
}

void StreamedReply::finish(std::span<const FinishedAnswer> answers) {
  send(form_.last_events(answers));
  if (!stream_) exchange_.reply(std::move(head_));
  stream_.reset();
}

bool StreamedReply::broke(const Refusal& refusal) {
  if (!stream_) return false;
  stream_->send(form_.error_event(refusal));
  stream_.reset();
  return true;
}

void StreamedReply::send(const std::string& event) {
  if (event.empty()) return;
  if (stream_)
    stream_->send(event);
  else
    head_.body += event;
}

}  // namespace fovea::serve
