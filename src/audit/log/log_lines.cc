// Each byte is looked at once for a line's end, also in a line that takes many reads. Of a line that is too
// long, what was looked at is consumed at once.
#include <format>

#include "audit/log/log_entries.h"

namespace fovea {

Result<std::optional<LogEntry>> LogLines::next() {
  source_.consume(taken_);
  taken_ = 0;
  std::size_t looked_at = 0;
  bool too_long = false;
  for (;;) {
    const auto ahead = source_.next(looked_at + 1);
    if (!ahead) return std::unexpected(ahead.error());
    if (ahead->empty() && !too_long) return std::nullopt;
    const std::size_t end = ahead->find('\n', looked_at);
    const bool last = ahead->size() <= looked_at;  // the log ends within the line
    if (end == std::string_view::npos && !last) {
      looked_at = ahead->size();
      too_long = too_long || looked_at > entry_bytes_max;
      if (!too_long) continue;
      source_.consume(looked_at);
      looked_at = 0;
      continue;
    }
    ++number_;
    const std::size_t length = std::min(end, ahead->size());
    taken_ = std::min(length + 1, ahead->size());
    if (too_long || length > entry_bytes_max) return LogEntry{.too_long = true};
    std::string_view line = ahead->substr(0, length);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return LogEntry{.text = line};
  }
}

std::string LogLines::place() const { return std::format("{}:{}", source_.name(), number_); }

}  // namespace fovea
