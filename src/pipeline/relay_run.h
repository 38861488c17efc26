// RelayAnswering: one request's way through the relay, step by step. Lives for one call of Relay::answer.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/deadline.h"
#include "pipeline/relay.h"
#include "pipeline/relay_entry.h"

namespace fovea {

class RelayRun {
 public:
  RelayRun(Relay& relay, const RelayRequest& request, const Relay::OnBytes& on_bytes, std::stop_token stop);

  Result<RelayAnswer> run();

 private:
  Result<void> open_pictures();
  void name_answer();
  std::optional<RelayAnswer> stored_answer();
  RelayAnswer replay(const RelayEntry& entry);
  Result<RelayAnswer> coalesce();
  std::optional<RelayAnswer> joined_answer(const SingleFlight::Shared& shared);
  Result<RelayAnswer> ask_and_keep();
  Result<RelayAnswer> ask();
  std::optional<RelayEntry> entry_of(const RelayAnswer& answer) const;
  void keep(const RelayEntry& entry);
  Result<RelayAnswer> finish(Result<RelayAnswer> answer);

  // Whether the client expects token counts.
  bool wants_usage() const { return !request_.stream || request_.include_usage; }

  Relay& relay_;
  const RelayRequest& request_;
  const Relay::OnBytes& on_bytes_;
  Stopwatch since_start_;
  Deadline deadline_;
  const std::stop_token stop_;
  std::vector<Key> image_keys_;
  std::optional<Key> key_;  // absent when the level is bypassed
  // What a stream folded into; empty where there was none, or it was not complete.
  std::string folded_;
  RelayReport report_;
};

}  // namespace fovea
