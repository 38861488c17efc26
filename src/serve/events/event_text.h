// The events of GET /v1/cache/events as text: WHATWG's server-sent events, with JSON as their data. Pure
// functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/events/picture_events.h"

namespace fovea::serve {

// An event's id: "RECORDING-SEQUENCE", both decimal. nullopt for what is none.
std::string event_id(const EventCursor& cursor);
std::optional<EventCursor> read_event_id(std::string_view text);

// One change, with its id. `tenant` is a name; empty = none is told.
std::string event_text(const PictureEvent& event, std::uint64_t recording, std::string_view tenant);

// A snapshot: its beginning, which takes back the client's last id, so that a client that sees a part of it
// begins again; one holding; and its end, with the id to go on behind. `lost`: how many events came and are
// not told; nullopt = nobody knows.
std::string reset_text(std::optional<std::uint64_t> lost);
std::string held_text(const PictureHolding& holding, double at_unix_ms, std::string_view tenant);
std::string snapshot_text(std::uint64_t holdings, const EventCursor& next);

// A comment, which clients pass over: it keeps a connection without news open.
inline constexpr std::string_view keep_alive_text = ": nothing new\n\n";

}  // namespace fovea::serve
