#include "pipeline/relay_run.h"

#include <algorithm>
#include <format>
#include <utility>

#include "engine/upstream/completion.h"
#include "engine/upstream/completion_fold.h"
#include "engine/upstream/event_stream.h"
#include "pipeline/keys.h"
#include "pipeline/timed.h"

namespace fovea {

namespace {

// Why the level is not asked, or empty if it is.
std::string bypass_reason(const RelayRequest& request, bool kept) {
  if (!kept) return "the response cache is off";
  if (!request.cache.read && !request.cache.write) return "the request asked for no cache";
  if (!request.uncacheable.empty()) return request.uncacheable;
  if (!request.deterministic) return "the answer is drawn at random: temperature above 0 and no seed";
  return {};
}

}  // namespace

RelayRun::RelayRun(Relay& relay, const RelayRequest& request, const Relay::OnBytes& on_bytes, std::stop_token stop)
    : relay_(relay),
      request_(request),
      on_bytes_(on_bytes),
      deadline_(relay.deadlines_, std::move(stop), request.timeout_ms),
      stop_(deadline_.token()) {}

Result<RelayAnswer> RelayRun::run() {
  if (auto opened = open_pictures(); !opened) return std::unexpected(opened.error());
  name_answer();
  if (auto stored = stored_answer()) return finish(std::move(*stored));
  const Semaphore::Permit permit = relay_.asking_.try_acquire();
  if (!permit) {
    return fail(Fault::unavailable, std::format("{} requests are being answered or wait already: ask again later",
                                                relay_.options_.requests_max));
  }
  return finish(coalesce());
}

Result<void> RelayRun::open_pictures() {
  const Timed timed(report_.decode_ms);
  for (const ImageSource& source : request_.sources) {
    const auto picture = relay_.pictures_.open(source.bytes, request_.cache.read);
    if (!picture) return fail(picture.error().fault, std::format("{}: {}", source.name, picture.error().message));
    image_keys_.push_back(picture->image_key);
    report_.images.push_back({.image_key = picture->image_key,
                              .width = picture->width,
                              .height = picture->height,
                              .decoded = picture->image.has_value()});
  }
  return {};
}

void RelayRun::name_answer() {
  const Timed timed(report_.lookup_ms);
  report_.reason = bypass_reason(request_, relay_.options_.response_bytes_max > 0);
  if (!report_.reason.empty()) return;
  KeyBuilder key("fovea/relay/1");
  key.field(!request_.group.empty()).field(request_.group.empty() ? request_.tenant : request_.group);
  key.field(relay_.upstream_.url()).field(request_.question);
  key.field(static_cast<std::uint64_t>(image_keys_.size()));
  for (const Key& image_key : image_keys_) key.field(image_key);
  key_ = key.finish();
}

std::optional<RelayAnswer> RelayRun::stored_answer() {
  if (!key_) return std::nullopt;
  if (!request_.cache.read) {
    report_.reason = "the request asked not to read the cache";
    return std::nullopt;
  }
  const Timed timed(report_.lookup_ms);
  report_.response = Outcome::miss;
  const auto hit = relay_.responses_.find(*key_);
  const auto entry = hit ? RelayEntry::from_blob(hit->value) : std::nullopt;
  if (!entry) return std::nullopt;
  if (wants_usage() && !entry->tells_usage) {
    report_.reason = "the stored answer may lack token counts";
    return std::nullopt;
  }
  const auto& age_max_s = request_.cache.age_max_s;
  if (age_max_s && relay_.clock_.now_ms() - entry->stored_at_ms > *age_max_s * 1000) {
    report_.reason = "the stored answer is older than the request allows";
    return std::nullopt;
  }
  report_.reason.clear();
  return replay(*entry);
}

RelayAnswer RelayRun::replay(const RelayEntry& entry) {
  report_.response = Outcome::hit;
  report_.age_ms = std::max(0.0, relay_.clock_.now_ms() - entry.stored_at_ms);  // clocks are set back, at times
  report_.cost_ms = report_.saved_ms = entry.cost_ms;
  return {.content_type = "application/json", .body = entry.object};
}

// Equal questions at the same time are asked upstream once. What upstream refuses or fails at is one request's own, and
// the next one asks anew. An answer that is complete but cannot be kept is nobody else's either: those who waited are let go
// with an empty value, all at once, and ask for themselves. A request that may not read or may not write the cache
// shares nothing.
Result<RelayAnswer> RelayRun::coalesce() {
  if (!key_ || !request_.cache.read || !request_.cache.write) return ask_and_keep();
  std::optional<RelayAnswer> own;
  std::optional<RelayEntry> entry;
  const auto compute = [&]() -> Result<Blob> {
    if (relay_.responses_.contains(*key_)) own = stored_answer();
    if (own) return Blob();
    auto answer = ask();
    if (!answer) return std::unexpected(answer.error());
    own = std::move(*answer);
    if (own->status != 200) return fail(Fault::unavailable, "upstream did not answer");
    entry = entry_of(*own);
    return entry ? entry->to_blob() : Blob();
  };
  const auto publish = [&](const Blob&) {
    if (entry) keep(*entry);
  };
  // Those who want token counts do not wait for an answer that may lack them.
  const Key flight = KeyBuilder("fovea/relay-flight/1").field(*key_).field(wants_usage()).finish();
  const Stopwatch waiting;
  const auto shared = relay_.in_flight_.run(flight, compute, publish, stop_);
  if (own) return *std::move(own);
  if (!shared) return std::unexpected(shared.error());
  report_.wait_ms += waiting.elapsed_ms();
  if (auto taken = joined_answer(*shared)) return *std::move(taken);
  return ask_and_keep();
}

// The answer that another request has just got.
std::optional<RelayAnswer> RelayRun::joined_answer(const SingleFlight::Shared& shared) {
  auto taken = stored_answer();
  if (!taken) {
    if (const auto entry = RelayEntry::from_blob(shared.value)) taken = replay(*entry);
  }
  if (taken) report_.reason = "joined the same question of another request";
  return taken;
}

Result<RelayAnswer> RelayRun::ask_and_keep() {
  auto answer = ask();
  if (!answer || !key_ || !request_.cache.write) return answer;
  if (const auto entry = entry_of(*answer)) keep(*entry);
  return answer;
}

// Asks upstream, and folds a stream while it is passed on.
Result<RelayAnswer> RelayRun::ask() {
  if (stop_.stop_requested()) return fail(Fault::cancelled, "stopped before the request was sent upstream");
  EventStream events;
  CompletionFold fold;
  bool readable = true;
  const auto on_event = [&](const StreamedEvent& event) { fold.add(event.data); };
  const Relay::OnBytes pass_on = [&](std::string_view bytes) {
    if (key_) readable = events.feed(bytes, on_event);
    return !on_bytes_ || on_bytes_(bytes);
  };
  const Stopwatch watch;
  auto answer = relay_.upstream_.chat(request_.body, request_.stream ? pass_on : Relay::OnBytes(), stop_);
  report_.upstream_ms += watch.elapsed_ms();
  if (!answer) return std::unexpected(answer.error());
  report_.cost_ms = report_.upstream_ms;
  folded_ = readable && fold.complete() ? fold.object() : "";
  return RelayAnswer{.status = answer->status,
                     .content_type = std::move(answer->content_type),
                     .retry_after = std::move(answer->retry_after),
                     .body = std::move(answer->body),
                     .streamed = answer->streamed};
}

// The answer as it is kept; nullopt where it is not whole.
std::optional<RelayEntry> RelayRun::entry_of(const RelayAnswer& answer) const {
  const bool whole = answer.streamed ? !folded_.empty() : answer.status == 200 && is_whole_completion(answer.body);
  if (!whole) return std::nullopt;
  return RelayEntry{.stored_at_ms = relay_.clock_.now_ms(),
                    .cost_ms = report_.cost_ms,
                    .tells_usage = wants_usage(),
                    .image_keys = image_keys_,
                    .object = answer.streamed ? folded_ : answer.body};
}

void RelayRun::keep(const RelayEntry& entry) {
  const EntryTerms terms{.cost_ms = entry.cost_ms, .tenant = tenant_number(request_.tenant)};
  report_.stored = relay_.responses_.insert(*key_, entry.to_blob(), terms) == Insertion::stored;
}

Result<RelayAnswer> RelayRun::finish(Result<RelayAnswer> answer) {
  if (!answer) {
    if (answer.error().fault != Fault::cancelled || !deadline_.passed()) return answer;
    return fail(Fault::timed_out, std::format("not answered within {:.0f} ms", *request_.timeout_ms));
  }
  report_.total_ms = since_start_.elapsed_ms();
  answer->report = std::move(report_);
  return answer;
}

}  // namespace fovea
