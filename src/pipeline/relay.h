// Relay: answers requests from what another server answered before, and from that server where there is
// nothing.
//
// What Pipeline is in front of an engine, Relay is in front of a server: it sees requests and answers, and
// neither prompts nor embeddings. So it keeps whole answers, told apart by the images' bytes and by
// everything else in the request. Thread-safe; equal requests at the same time are asked once. Does not own
// the upstream, which must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/semaphore.h"
#include "engine/upstream/upstream.h"
#include "pipeline/levels/response_level.h"
#include "pipeline/request.h"
#include "pipeline/request_report.h"
#include "pipeline/source_aliases.h"
#include "store/events/picture_events.h"
#include "store/store.h"

namespace fovea {

struct RelayOptions {
  std::uint64_t response_bytes_max = std::uint64_t{1} << 30;  // 0 = nothing is kept
  PolicyKind policy = default_policy;
  DecodeLimits decode_limits;
  // Requests that are asked upstream, or wait for it, at the same time: each keeps a thread. More are told to
  // come again.
  std::uint32_t requests_max = 64;
  // Tells a fleet that is asked which node to take: the header, its name in lower case, that the same picture
  // fills with the same value. Empty = none is sent.
  std::string route_header;
  const Tiers* tiers = nullptr;  // behind the level's memory; null = none; they outlive the relay
  const Clock* clock = nullptr;  // by which answers age; null = the time of day; must outlive the relay
};

struct RelayRequest {
  RelayedApi api = RelayedApi::chat;
  std::string query;  // of the request's target, sent along: "?beta=true"; empty = none
  // Sent along: names in lower case. Those that say which form of an API is spoken are in the key.
  std::vector<HttpHeader> headers;
  std::string tenant;
  std::string group;  // tenants of the same one share their answers; empty = with nobody
  // The request's JSON in one spelling, each image replaced by its slot: all that can change the answer, so
  // without user; of chat completions also without stream and stream_options.
  std::string question;
  std::vector<ImageSource> sources;  // by slot
  std::optional<Key> route;          // what it is routed by where there are no sources; in no key of an answer
  std::string body;                  // what upstream is sent, as it is
  bool stream = false;
  // Of a stream: it shall end with token counts (stream_options); whole answers always do
  bool include_usage = false;
  bool deterministic = false;
  bool stateful = false;          // the answer depends on what upstream keeps or looks up, so it may not be kept
  bool image_by_address = false;  // an image is known by its address only, so the answer may not be kept
  bool uploaded_video = false;    // a source is a video: none of them is opened, and the answer may not be kept
  CacheUse cache;
  std::optional<double> timeout_ms;  // from the call on; then it is given up
};

struct RelayAnswer {
  int status = 200;
  std::string content_type;
  std::string retry_after;
  std::string body;  // empty where it was streamed
  // Its bytes went to the listener. Otherwise it is whole: of chat completions an object, also where a stream
  // was asked for; of others what upstream sent.
  bool streamed = false;
  RequestReport report;  // what upstream does is generation, seen from here
};

// What a request's caller may watch, on the calling thread. Each may be empty.
struct RelayListener {
  // Takes an upstream stream's bytes as they come; false stops the request.
  using OnBytes = std::function<bool(std::string_view bytes)>;
  OnBytes on_bytes;
  // Once, before the first bytes of a stream, with the report as far as it goes: what the response level had
  // is known then.
  std::function<void(const RequestReport& so_far)> on_start;
  // Asking upstream failed: with what the answer is a fault because of. Other faults are this server's own.
  std::function<void(const Error& error)> on_upstream_fault;
};

class Relay {
 public:
  Relay(Upstream& upstream, const RelayOptions& options);

  // What upstream answers, or answered: of any status, but only whole answers of status 200 are kept. A
  // stream that this request asks for itself goes to the listener; one that came from the level or from
  // another request is handed over whole; of chat completions it is to be cut into chunks by the caller.
  // What decode() refuses is sent on all the same, and its answer is not kept.
  // Faults: those of HttpClient::send; unavailable above requests_max; cancelled; timed_out.
  Result<RelayAnswer> answer(const RelayRequest& request, const RelayListener& listener = {},
                             std::stop_token stop = {});

  LevelStats stats() const { return responses_.stats(); }  // in memory
  std::vector<TierStats> tier_stats() const { return stats_of(options_.tiers); }
  const std::string& route_header() const { return options_.route_header; }
  // What the level holds of pictures, and its changes.
  PictureEvents& events() { return events_; }
  // Counts a request that is asked upstream by somebody else, while the permit lives; null above
  // requests_max.
  Semaphore::Permit ask_beside() { return asking_.try_acquire(); }
  // Requests that are asked upstream now, or wait for it; at most requests_max.
  std::uint32_t asking() const { return asking_.held(); }
  // Of these, those that wait: for the answer to an equal request.
  std::uint32_t waiting() const { return waiting_.held(); }

  // Removes the answers to `tenant` about an image, or all of them; how many there were. What is being asked
  // upstream meanwhile is kept when it comes.
  std::size_t purge(const Key& image_key, std::string_view tenant);
  std::size_t purge(std::string_view tenant);

 private:
  friend class RelayRun;

  Upstream& upstream_;
  const RelayOptions options_;
  const Clock& clock_;
  SourceAliases aliases_;
  PictureEvents events_;
  const std::unique_ptr<Store> store_;
  ResponseLevel responses_;
  Semaphore asking_;
  Semaphore waiting_;
  DeadlineClock deadlines_;
};

}  // namespace fovea
