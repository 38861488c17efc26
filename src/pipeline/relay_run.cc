// What upstream refuses or fails at is one request's own: of those who wait for the same answer, the next one
// asks again. An answer that is complete but cannot be kept is nobody else's either: those who waited are let
// go all at once, and ask for themselves.
//
// The key has the images' bytes. Upstream decodes them itself: servers differ in what they do with an
// orientation, with alpha or with several frames, so what decodes to the same pixels here may be another
// image there. The image keys stand beside the answer, where purges find them. An image that cannot be read
// here is sent on, since upstream may read it; without its key the answer could not be purged, so it is not
// kept.
#include "pipeline/relay_run.h"

#include <algorithm>
#include <format>
#include <utility>

#include "engine/upstream/stream_watch.h"
#include "image/source.h"
#include "pipeline/levels/relayed_response.h"
#include "pipeline/timed.h"

namespace fovea {

namespace {

constexpr std::size_t route_digits = 32;  // 128 bits: too many for two pictures to meet by chance

// The headers that say which form of an API is spoken: anthropic-version, anthropic-beta, openai-beta.
std::string form_of(const std::vector<HttpHeader>& headers) {
  std::string form;
  for (const HttpHeader& header : headers) {
    if (header.name.starts_with("anthropic-") || header.name.starts_with("openai-"))
      form.append(header.name).append(": ").append(header.value).append("\n");
  }
  return form;
}

}  // namespace

RelayRun::RelayRun(Relay& relay, const RelayRequest& request, const RelayListener& listener, std::stop_token stop)
    : relay_(relay),
      request_(request),
      listener_(listener),
      deadline_(relay.deadlines_, std::move(stop), request.timeout_ms),
      stop_(deadline_.token()),
      scope_(scope_of(request.tenant, request.group)),
      response_{.cache = request.cache, .scope = scope_, .limits = {.stop = stop_, .deadline = {}}} {
  report_.prefix_bypass = report_.embedding_bypass = Bypass::another_server;
}

Result<RelayAnswer> RelayRun::run() {
  open_images();
  name_answer();
  if (relay_.responses_.find(response_, *this, report_)) return finish({});
  if (request_.cache.only_stored) return ResponseLevel::not_stored(report_);
  const Semaphore::Permit permit = relay_.asking_.try_acquire();
  if (!permit) {
    return fail(Fault::unavailable, std::format("{} requests are being answered or wait already: ask again later",
                                                relay_.options_.requests_max));
  }
  waiting_ = relay_.waiting_.try_acquire();
  return finish(relay_.responses_.compute(response_, *this, report_, stop_));
}

void RelayRun::open_images() {
  if (request_.uploaded_video) return;
  const Timed timed(report_.times.decode_ms);
  for (const ImageSource& source : request_.sources) {
    const auto image = relay_.aliases_.open(source, request_.cache.read, request_.cache.write);
    if (!image) {
      has_unread_image_ = true;
      image_keys_.clear();
      source_keys_.clear();
      report_.images.clear();
      return;
    }
    if (!first_image_) first_image_ = image->image_key;
    image_keys_.push_back(image->image_key);
    source_keys_.push_back(source_key(source.bytes.bytes()));
    report_.images.push_back({.image_key = image->image_key,
                              .width = image->width,
                              .height = image->height,
                              .decoded = image->decoded.has_value()});
  }
  response_.image_keys = image_keys_;
}

void RelayRun::name_answer() {
  const Timed timed(report_.times.lookup_ms);
  report_.response_bypass = relay_.responses_.bypass(request_.cache, request_.deterministic);
  if (report_.response_bypass == Bypass::none || report_.response_bypass == Bypass::random) {
    if (request_.image_by_address) report_.response_bypass = Bypass::image_by_address;
    if (request_.uploaded_video) report_.response_bypass = Bypass::uploaded_video;
    if (has_unread_image_) report_.response_bypass = Bypass::unread_image;
    if (request_.stateful) report_.response_bypass = Bypass::outside_state;
  }
  if (report_.response_bypass != Bypass::none) return;
  KeyBuilder key("fovea/relay/4");
  key.field(std::string_view(scope_.name)).field(relay_.upstream_.url());
  key.field(path_of(request_.api)).field(request_.query).field(form_of(request_.headers)).field(request_.question);
  key.field(static_cast<std::uint64_t>(source_keys_.size()));
  for (const Key& source : source_keys_) key.field(source);
  response_.key = key.finish();
  // Those who want token counts do not wait for an answer that may lack them.
  response_.flight = KeyBuilder("fovea/relay-flight/1").field(*response_.key).field(wants_usage()).finish();
}

bool RelayRun::accept(const Record& stored) {
  auto response = RelayedResponse::from_payload(stored.payload);
  if (!response) return false;
  if (wants_usage() && !response->tells_usage) {
    report_.response_note = ResponseNote::may_lack_usage;
    return false;
  }
  const bool stream = is_kept_raw() && request_.stream;
  answer_ = {.content_type = stream ? "text/event-stream" : "application/json", .body = std::move(response->object)};
  return true;
}

// Asks upstream, and watches a stream while it is passed on.
Result<void> RelayRun::compute() {
  waiting_.reset();
  if (stop_.stop_requested()) return fail(Fault::cancelled, "stopped before the request was sent upstream");
  StreamWatch watch(request_.api);
  bool started = false;
  const RelayListener::OnBytes pass_on = [&](std::string_view bytes) {
    if (!std::exchange(started, true) && listener_.on_start) listener_.on_start(report_);
    if (response_.key) watch.feed(bytes);
    return !listener_.on_bytes || listener_.on_bytes(bytes);
  };
  const Stopwatch asking;
  auto answer = relay_.upstream_.ask({request_.api, request_.query}, request_.body, headers(),
                                     request_.stream ? pass_on : RelayListener::OnBytes(), stop_);
  report_.times.generate_ms += asking.elapsed_ms();
  streamed_ = watch.answer();
  if (!answer) {
    // Some clients leave at a stream's last event, before its body has ended: they have the whole answer.
    if (answer.error().fault == Fault::cancelled && !streamed_.empty()) {
      answer_ = {.content_type = "text/event-stream", .streamed = true};
      return {};
    }
    if (listener_.on_upstream_fault) listener_.on_upstream_fault(answer.error());
    return std::unexpected(answer.error());
  }
  answer_ = {.status = answer->status,
             .content_type = std::move(answer->content_type),
             .retry_after = std::move(answer->retry_after),
             .body = std::move(answer->body),
             .streamed = answer->streamed};
  return {};
}

// Those of the request, and the one that a fleet routes by, unless the client has filled it. The first
// picture fills it, by its pixels, or by its bytes where it was not opened. The value is no image key: it
// cannot be used as one.
std::vector<HttpHeader> RelayRun::headers() const {
  std::vector<HttpHeader> headers = request_.headers;
  const std::string& name = relay_.options_.route_header;
  if (name.empty() || std::ranges::contains(headers, name, &HttpHeader::name)) return headers;
  std::optional<Key> route = request_.route;
  if (first_image_)
    route = first_image_;
  else if (!request_.sources.empty())
    route = source_key(request_.sources.front().bytes.bytes());
  if (route)
    headers.push_back({name, KeyBuilder("fovea/route/1").field(*route).finish().hex().substr(0, route_digits)});
  return headers;
}

// Only whole answers are kept. What is kept as it came is given as what was asked for, so it must be that.
Result<Blob> RelayRun::record() {
  if (answer_.status != 200) return fail(Fault::unavailable, "upstream did not answer");
  if (is_kept_raw() && request_.stream != answer_.streamed) return Blob();
  const bool whole = answer_.streamed ? !streamed_.empty() : is_whole_answer(request_.api, answer_.body);
  if (!whole) return Blob();
  const RelayedResponse response{
      .tells_usage = wants_usage(), .image_keys = image_keys_, .object = answer_.streamed ? streamed_ : answer_.body};
  return encode_record({.kind = RecordKind::relayed_response,
                        .scope = scope_.id,
                        .cost_ms = report_.times.generate_ms,
                        .made_unix_ms = relay_.clock_.now_ms()},
                       response.payload().written());
}

Result<RelayAnswer> RelayRun::finish(const Result<void>& answered) {
  if (!answered) {
    if (answered.error().fault != Fault::cancelled || !deadline_.passed()) return std::unexpected(answered.error());
    return fail(Fault::timed_out, std::format("not answered within {:.0f} ms", *request_.timeout_ms));
  }
  report_.times.total_ms = since_start_.elapsed_ms();
  answer_.report = std::move(report_);
  return std::move(answer_);
}

}  // namespace fovea
