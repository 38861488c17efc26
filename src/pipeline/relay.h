// Relay: answers requests from what another server answered before, and from that server where there is nothing.
//
// What Pipeline is in front of an engine, Relay is in front of a server: it sees requests and answers, and neither
// prompts nor embeddings. So it keeps whole answers, told apart by the pictures' pixels and by everything else in the
// request. Thread-safe; equal requests at the same time are asked once. Does not own the upstream, which must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/semaphore.h"
#include "engine/upstream/upstream.h"
#include "fovea/level.h"
#include "fovea/single_flight.h"
#include "pipeline/report.h"
#include "pipeline/request.h"
#include "pipeline/request_image.h"

namespace fovea {

struct RelayOptions {
  std::uint64_t response_bytes_max = std::uint64_t{1} << 30;  // 0 = nothing is kept
  PolicyKind policy = default_policy;
  DecodeLimits decode_limits;
  // Requests that are asked upstream, or wait for it, at the same time: each keeps a thread. More are told to come again.
  std::uint32_t requests_max = 64;
  const Clock* clock = nullptr;  // by which answers age; null = the time of day; must outlive the relay
};

struct RelayRequest {
  std::string tenant;
  std::string group;  // tenants of the same one share their answers; empty = with nobody
  // The request's JSON in one spelling, each picture replaced by its slot: all that can change the answer, so without
  // stream, stream_options and user.
  std::string question;
  std::vector<ImageSource> sources;  // by slot
  std::string body;                  // what upstream is sent, as it is
  bool stream = false;
  bool include_usage = false;  // of a stream: it shall end with token counts (stream_options); whole answers always do
  bool deterministic = false;
  std::string uncacheable;  // why its answer may not be kept all the same; empty if it may
  CacheUse cache;
  std::optional<double> timeout_ms;  // from the call on; then it is given up
};

struct RelayReport {
  Outcome response = Outcome::bypass;
  std::string reason;  // of a bypass; of a miss or hit that needs a word: too old, or joined
  double age_ms = 0;   // of a hit: since upstream answered
  double cost_ms = 0;  // what upstream took for this answer, now or when it was stored
  double saved_ms = 0;
  bool stored = false;              // this answer was, for whoever asks next
  std::vector<ImageReport> images;  // by slot
  double decode_ms = 0;
  double lookup_ms = 0;
  double wait_ms = 0;  // for the same question of another request
  double upstream_ms = 0;
  double total_ms = 0;
};

struct RelayAnswer {
  int status = 200;
  std::string content_type;
  std::string retry_after;
  std::string body;       // empty where it was streamed
  bool streamed = false;  // its bytes went to on_bytes; otherwise it is whole, also where a stream was asked for
  RelayReport report;
};

class Relay {
 public:
  // Takes an upstream stream's bytes as they come; false stops the request. Called on the calling thread.
  using OnBytes = std::function<bool(std::string_view bytes)>;

  Relay(Upstream& upstream, const RelayOptions& options);

  // What upstream answers, or answered: of any status, but only whole answers of status 200 are kept. A stream that this
  // request asks for itself goes to `on_bytes`; one that came from the level or from another request is handed over
  // whole, to be cut into chunks by the caller. Faults: those of decode(), with the source's name before the sentence;
  // those of HttpClient::send; unavailable above requests_max; cancelled; timed_out.
  Result<RelayAnswer> answer(const RelayRequest& request, const OnBytes& on_bytes, std::stop_token stop = {});

  LevelStats stats() const { return responses_.stats(); }
  // Requests that are asked upstream now, or wait for it; at most requests_max.
  std::uint32_t asking() const { return asking_.held(); }

  // Removes the answers to `tenant` about a picture, or all of them; how many there were. What is being asked upstream
  // meanwhile is kept when it comes.
  std::size_t purge(const Key& image_key, std::string_view tenant);
  std::size_t purge(std::string_view tenant);

 private:
  friend class RelayRun;

  Upstream& upstream_;
  const RelayOptions options_;
  const Clock& clock_;
  SourceAliases pictures_;
  Level responses_;
  SingleFlight in_flight_;
  Semaphore asking_;
  DeadlineClock deadlines_;
};

}  // namespace fovea
