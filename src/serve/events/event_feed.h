// EventFeed: what one reader of GET /v1/cache/events is sent, from its first byte to its last. Used by one
// thread. Borrows what it is made with.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>

#include "serve/events/tenant_names.h"
#include "serve/exchange.h"
#include "store/events/picture_events.h"

namespace fovea::serve {

class EventFeed {
 public:
  struct Parts {
    PictureEvents& events;  // somebody follows them while the feed runs
    BodyStream& stream;
    const Tenants& tenants;
    std::chrono::milliseconds keep_alive;  // after so long without news, a comment is sent
    // Asked before each piece is sent: the file of keys may have been read again.
    std::function<bool()> allowed = [] { return true; };
  };
  explicit EventFeed(Parts parts) : parts_(std::move(parts)), names_(parts_.tenants) {}

  // Sends what came behind `cursor`, and what comes from then on; a snapshot first where there is no
  // cursor, and in between where events were lost. Until `stop` is requested, the client has left or is no
  // longer allowed. Where `stop` is requested while the client has much to read yet, the stream is aborted.
  void run(std::optional<EventCursor> cursor, const std::stop_token& stop);

 private:
  bool send(std::string_view text, const std::stop_token& stop);
  bool send_news(const PictureEvents::News& news, const std::stop_token& stop);
  std::optional<EventCursor> send_snapshot(std::optional<std::uint64_t> lost, const std::stop_token& stop);

  const Parts parts_;
  TenantNames names_;
};

}  // namespace fovea::serve
