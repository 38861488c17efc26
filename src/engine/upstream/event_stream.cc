#include "engine/upstream/event_stream.h"

#include <algorithm>
#include <utility>

namespace fovea {

bool EventStream::feed(std::string_view bytes, const OnEvent& on_event) {
  while (!bytes.empty() && !too_long_) {
    if (std::exchange(behind_return_, false) && bytes.starts_with('\n')) {
      bytes.remove_prefix(1);
      if (open_bytes_ > 0) ++open_bytes_;
      continue;
    }
    const std::size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    too_long_ = line_.size() + data_.size() + end > event_bytes_max;
    if (too_long_) break;
    line_ += bytes.substr(0, end);
    open_bytes_ += std::min(end + 1, bytes.size());
    if (end == bytes.size()) break;
    behind_return_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    end_line(on_event);
  }
  return !too_long_;
}

void EventStream::end_line(const OnEvent& on_event) {
  std::string_view line = line_;
  if (std::exchange(first_line_, false) && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  if (line.empty()) {
    if (!data_.empty()) on_event({type_, std::string_view(data_).substr(0, data_.size() - 1)});
    data_.clear();
    type_.clear();
    open_bytes_ = 0;
  } else {
    const std::size_t colon = line.find(':');
    std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    take_field(line.substr(0, colon), value);
  }
  line_.clear();
}

// A comment is a field without a name.
void EventStream::take_field(std::string_view name, std::string_view value) {
  if (name == "event") type_ = value;
  if (name == "data") (data_ += value) += '\n';
}

}  // namespace fovea
