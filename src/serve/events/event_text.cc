// Each event is a few lines and an empty one. Its data is JSON in one line: names come from a file, and
// what is a line's end in them is escaped, so that no name can end an event. A holding of a snapshot has no
// id of its own, since nobody could go on behind it.
#include "serve/events/event_text.h"

#include <charconv>
#include <cmath>
#include <format>

#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace json {

struct Holding {
  std::string image;
  std::string_view level, tier;
  std::uint32_t entries;
  std::uint64_t bytes;
  double saves_seconds;
  std::optional<std::string_view> tenant;
  std::string scope;
  double at;
};

struct Reset {
  std::optional<std::uint64_t> lost;
};

struct Snapshot {
  std::uint64_t holdings;
};

}  // namespace json

namespace {

constexpr std::size_t scope_digits = 16;  // to tell scopes apart; a name of one is nobody's business

std::string_view level_of(RecordKind kind) {
  return to_string(kind == RecordKind::relayed_response ? RecordKind::response : kind);
}

std::string data_of(const PictureHolding& holding, double at_unix_ms, std::string_view tenant) {
  return brief_json_text(json::Holding{.image = holding.picture.image.hex(),
                                       .level = level_of(holding.picture.kind),
                                       .tier = to_string(TierKind::memory),
                                       .entries = holding.entries,
                                       .bytes = holding.bytes,
                                       .saves_seconds = static_cast<double>(holding.saves_us) / 1e6,
                                       .tenant = tenant.empty() ? std::nullopt : std::optional(tenant),
                                       .scope = holding.picture.scope.hex().substr(0, scope_digits),
                                       .at = std::round(at_unix_ms) / 1000});
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string event_id(const EventCursor& cursor) { return std::format("{}-{}", cursor.recording, cursor.sequence); }

std::optional<EventCursor> read_event_id(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto recording = number_of(text.substr(0, dash)), sequence = number_of(text.substr(dash + 1));
  if (!recording || !sequence) return std::nullopt;
  return EventCursor{*recording, *sequence};
}

std::string event_text(const PictureEvent& event, std::uint64_t recording, std::string_view tenant) {
  return std::format("id: {}\nevent: {}\ndata: {}\n\n", event_id({recording, event.sequence}), to_string(event.change),
                     data_of(event.holding, event.at_unix_ms, tenant));
}

std::string reset_text(std::optional<std::uint64_t> lost) {
  return std::format("id:\nevent: reset\ndata: {}\n\n", brief_json_text(json::Reset{lost}));
}

std::string held_text(const PictureHolding& holding, double at_unix_ms, std::string_view tenant) {
  return std::format("event: {}\ndata: {}\n\n", to_string(PictureChange::stored), data_of(holding, at_unix_ms, tenant));
}

std::string snapshot_text(std::uint64_t holdings, const EventCursor& next) {
  return std::format("id: {}\nevent: snapshot\ndata: {}\n\n", event_id(next), json_text(json::Snapshot{holdings}));
}

}  // namespace fovea::serve
