// EventsHandler: GET /v1/cache/events: which pictures this node's memory holds something of, and each change
// of that, for who sends requests to several nodes. Thread-safe. Borrows what it is made with.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <utility>

#include "base/semaphore.h"
#include "serve/exchange.h"
#include "serve/tenants.h"
#include "store/events/picture_events.h"

namespace fovea::serve {

class EventsHandler {
 public:
  // Each keeps a thread and up to some megabytes that its client has not read yet. A fleet has one or two
  // routers.
  static constexpr std::uint32_t readers_max = 8;
  // Proxies close connections that are silent for 30 to 60 s.
  static constexpr std::chrono::milliseconds keep_alive{15'000};

  // `stopping`: requested when the server stops, which ends the streams.
  EventsHandler(PictureEvents& events, const Tenants& tenants, std::stop_token stopping)
      : events_(events), tenants_(tenants), stopping_(std::move(stopping)) {}

  // Streams until the client leaves, is an admin no more, or the server stops. Pictures of all tenants are
  // told, so it is for admins only.
  void follow(Exchange& exchange, const Tenant& tenant);
  // How many follow now.
  std::uint32_t readers() const { return readers_.held(); }

 private:
  PictureEvents& events_;
  const Tenants& tenants_;
  const std::stop_token stopping_;
  Semaphore readers_{readers_max};
};

}  // namespace fovea::serve
