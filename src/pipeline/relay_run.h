// RelayRun: one request's way through the relay, step by step. Lives for one call of Relay::answer; used by
// one thread.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/deadline.h"
#include "pipeline/levels/response_level.h"
#include "pipeline/relay.h"

namespace fovea {

class RelayRun final : private ResponseWork {
 public:
  RelayRun(Relay& relay, const RelayRequest& request, const RelayListener& listener, std::stop_token stop);

  Result<RelayAnswer> run();

 private:
  void open_images();
  void name_answer();
  std::vector<HttpHeader> headers() const;
  Result<RelayAnswer> finish(const Result<void>& answered);

  bool accept(const Record& stored) override;
  void replay() override {}
  Result<void> compute() override;
  Result<Blob> record() override;

  // Whether the answer came as it goes to clients: a stream of another API than chat completions is kept as
  // bytes, apart from the same answer in one piece.
  bool is_kept_raw() const { return request_.api != RelayedApi::chat; }
  // Whether the client expects token counts. What is kept raw has what it has.
  bool wants_usage() const { return is_kept_raw() || !request_.stream || request_.include_usage; }

  Relay& relay_;
  const RelayRequest& request_;
  const RelayListener& listener_;
  Stopwatch since_start_;
  Deadline deadline_;
  const std::stop_token stop_;
  const Scope scope_;
  std::vector<Key> image_keys_, source_keys_;  // by slot; none where one cannot be read
  bool has_unread_image_ = false;
  std::optional<Key> first_image_;  // if it can be read, whatever the others are
  ResponseUse response_;
  Semaphore::Permit waiting_;  // until it is asked upstream
  RequestReport report_;
  RelayAnswer answer_;
  // What a stream folded into, or its bytes; empty where there was none, or it was not complete.
  std::string streamed_;
};

}  // namespace fovea
