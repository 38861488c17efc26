// EventStream: parses server-sent events from bytes as they arrive, as WHATWG's HTML standard says
// ("Interpreting an event stream"). Lines end with CRLF, LF or CR; several data lines make one text; comments
// are skipped; an event that is not ended by an empty line is dropped. The fields id and retry are not needed
// here and are ignored. The bytes are hostile; memory is bounded. Not thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace fovea {

struct StreamedEvent {
  std::string_view type;  // empty: the standard's "message"
  std::string_view data;
};

class EventStream {
 public:
  // A chunk of an answer takes a kilobyte; one with the log probabilities of a long text takes some hundred.
  static constexpr std::size_t event_bytes_max = 8 << 20;

  using OnEvent = std::function<void(const StreamedEvent& event)>;

  // Calls `on_event` for each event that these bytes complete; the event is valid during the call. False once
  // an event or a line was longer than event_bytes_max; nothing more is parsed then.
  bool feed(std::string_view bytes, const OnEvent& on_event);
  // How many of the last bytes belong to an event that has not ended.
  std::size_t open_bytes() const { return open_bytes_; }

 private:
  void end_line(const OnEvent& on_event);
  void take_field(std::string_view name, std::string_view value);

  std::string line_;  // so far
  std::string type_;
  std::string data_;  // each line with a line feed behind it
  std::size_t open_bytes_ = 0;
  bool first_line_ = true;
  bool behind_return_ = false;  // the last byte was CR, so a line feed now belongs to it
  bool too_long_ = false;
};

}  // namespace fovea
