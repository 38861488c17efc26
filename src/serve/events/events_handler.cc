// A reader keeps its handler's thread, as a request that computes does: the threads of connections never
// wait, and a stream that the server ends is over before the server is. The pool has readers_max threads
// for them (server_settings.cc), so that they take none from questions.
#include "serve/events/events_handler.h"

#include <format>
#include <memory>
#include <string>
#include <utility>

#include "serve/events/event_feed.h"
#include "serve/events/event_text.h"
#include "serve/send_refusal.h"

namespace fovea::serve {

namespace {

constexpr std::uint32_t retry_after_s = 15;

const Refusal admins_only{
    403, "this key is not an admin's: the pictures of all tenants together are told to admins only", {}, "not_admin"};

Refusal too_many_readers() {
  return {503,
          std::format("{} readers follow the events already, and more are not served at the same time",
                      EventsHandler::readers_max),
          {},
          "too_many_readers",
          retry_after_s};
}

// An id that is none is of no event that is known: the cursor of no recording.
std::optional<EventCursor> cursor_of(std::string_view last_event_id) {
  if (last_event_id.empty()) return std::nullopt;
  return read_event_id(last_event_id).value_or(EventCursor{});
}

Reply stream_head() {
  return {.content_type = "text/event-stream",
          .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}};  // nginx would hold events back
}

}  // namespace

void EventsHandler::follow(Exchange& exchange, const Tenant& tenant) {
  if (!tenant.admin) return send_refusal(exchange, admins_only);
  if (exchange.method() == "HEAD") return exchange.reply(stream_head());
  const Semaphore::Permit permit = readers_.try_acquire();
  if (!permit) return send_refusal(exchange, too_many_readers());
  std::stop_source over;
  const auto end = [&over] { over.request_stop(); };
  const std::stop_callback client_left(exchange.client_gone(), end), server_stops(stopping_, end);
  const auto allowed = [this, key = std::string(api_key_of(exchange))] {
    const auto known = tenants_.find(key);
    return known && (*known)->admin;
  };
  const auto cursor = cursor_of(exchange.header("last-event-id"));
  const PictureEvents::Reader reader = events_.follow();
  const std::unique_ptr<BodyStream> stream = exchange.begin_stream(stream_head());
  EventFeed({.events = events_, .stream = *stream, .tenants = tenants_, .keep_alive = keep_alive, .allowed = allowed})
      .run(cursor, over.get_token());
}

}  // namespace fovea::serve
