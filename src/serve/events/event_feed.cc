// A reader that cannot keep up is waited for, on its own thread, while the ring goes on. What the ring then
// has no more is told as lost, and a snapshot takes its place: so a slow reader costs the memory of one page.
// When the server stops, the stream of a reader that is waited for is aborted, and not sent to its end.
#include "serve/events/event_feed.h"

#include <string>

#include "base/clock.h"
#include "serve/events/event_text.h"

namespace fovea::serve {

namespace {

constexpr std::size_t at_once = 256;  // events or holdings in one piece, some 90 KB

}  // namespace

void EventFeed::run(std::optional<EventCursor> cursor, const std::stop_token& stop) {
  if (!cursor) cursor = send_snapshot(0, stop);
  while (cursor && !stop.stop_requested()) {
    const PictureEvents::News news = parts_.events.read(*cursor, at_once);
    if (news.broken) {
      cursor = send_snapshot(news.lost, stop);
    } else if (!news.events.empty()) {
      cursor = news.next;
      if (!send_news(news, stop)) return;
    } else if (!parts_.events.wait(*cursor, stop, parts_.keep_alive) && !stop.stop_requested()) {
      if (!send(keep_alive_text, stop)) return;
    }
  }
}

// False where the feed is over.
bool EventFeed::send(std::string_view text, const std::stop_token& stop) {
  if (!parts_.allowed() || !parts_.stream.send(text) || stop.stop_requested()) return false;
  const std::stop_callback waits_no_more(stop, [this] { parts_.stream.abort(); });
  return parts_.stream.wait_for_room();
}

bool EventFeed::send_news(const PictureEvents::News& news, const std::stop_token& stop) {
  names_.may_have_changed();
  std::string text;
  for (const PictureEvent& event : news.events)
    text += event_text(event, news.next.recording, names_.name_of(event.holding.tenant));
  return send(text, stop);
}

// Where to go on; nullopt where the feed is over.
std::optional<EventCursor> EventFeed::send_snapshot(std::optional<std::uint64_t> lost, const std::stop_token& stop) {
  const EventCursor next = parts_.events.begin_snapshot();
  if (!send(reset_text(lost), stop)) return std::nullopt;
  std::uint64_t holdings = 0;
  std::optional<PictureKey> after;
  for (auto page = parts_.events.page(after, at_once); !page.empty(); page = parts_.events.page(after, at_once)) {
    names_.may_have_changed();
    const double now_ms = unix_time_ms();
    std::string text;
    for (const PictureHolding& holding : page) text += held_text(holding, now_ms, names_.name_of(holding.tenant));
    if (!send(text, stop)) return std::nullopt;
    holdings += page.size();
    after = page.back().picture;
  }
  if (!send(snapshot_text(holdings, next), stop)) return std::nullopt;
  return next;
}

}  // namespace fovea::serve
