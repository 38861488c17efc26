// EventStream: takes server-sent events out of bytes as they come, as WHATWG's HTML standard reads them ("Interpreting
// an event stream"): lines end with CRLF, LF or CR, several data lines make one text, comments are skipped, and an event
// that the stream breaks off is none. An event's id and retry are of no use here and are left out. Bytes are hostile.
// Not thread-safe; pure.
#pragma once

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
  // A chunk of an answer takes a kilobyte; one with the log probabilities of a long text, some hundred.
  static constexpr std::size_t event_bytes_max = 8 << 20;

  using OnEvent = std::function<void(const StreamedEvent& event)>;

  // Calls `on_event` for each event that these bytes complete; what it is shown lives for the call. False once an event
  // or a line was longer than event_bytes_max: then nothing more is read.
  bool feed(std::string_view bytes, const OnEvent& on_event);

 private:
  void end_line(const OnEvent& on_event);
  void take_field(std::string_view name, std::string_view value);

  std::string line_;  // so far
  std::string type_;
  std::string data_;  // each line with a line feed behind it
  bool first_line_ = true;
  bool behind_return_ = false;  // a line feed that comes now belongs to the line's end before it
  bool too_long_ = false;
};

}  // namespace fovea
