// A document of gigabytes is not parsed whole: only its brackets and quotes are followed, as far as it takes
// to find where the list begins and where each element ends. Each element is then parsed as a line is. What
// is behind the list is not read.
#include <algorithm>
#include <format>

#include "audit/log/log_entries.h"

namespace fovea {

namespace {

// Follows JSON byte by byte, so far as to know what is inside a text, and how deep.
class Brackets {
 public:
  void take(char c) {
    if (in_text_) return take_in_text(c);
    if (c == '"') {
      in_text_ = true;
      text_.clear();
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if (c == '}' || c == ']') {
      --depth_;
    }
  }

  bool in_text() const { return in_text_; }
  int depth() const { return depth_; }
  // The last text, or its beginning: the name of a field, if a colon came behind it.
  const std::string& text() const { return text_; }

 private:
  void take_in_text(char c) {
    constexpr std::size_t kept = 16;
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_text_ = false;
      return;
    }
    if (text_.size() < kept) text_ += c;
  }

  bool in_text_ = false, escaped_ = false;
  int depth_ = 0;
  std::string text_;
};

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

Result<std::optional<LogEntry>> JsonItems::next() {
  source_.consume(taken_);
  taken_ = 0;
  if (ended_) return std::nullopt;
  const auto found = in_list_ ? Result<bool>(true) : find_list();
  const auto more = found && *found ? skip_to_item() : found;
  if (!more) return std::unexpected(more.error());
  if (!*more) {
    ended_ = true;
    return std::nullopt;
  }
  ++number_;
  Brackets brackets;
  std::size_t at = 0;
  bool too_long = false;
  for (;;) {
    const auto ahead = source_.next(at + 1);
    if (!ahead) return std::unexpected(ahead.error());
    if (ahead->size() <= at) {
      ended_ = true;
      return fail(Fault::invalid, std::format("{}: the document breaks off", place()));
    }
    for (; at < ahead->size(); ++at) {
      const char c = (*ahead)[at];
      const bool outside = !brackets.in_text() && brackets.depth() == 0;
      if (outside && (c == ',' || c == ']')) {  // which stays there
        taken_ = at;
        return too_long ? LogEntry{.too_long = true} : LogEntry{.text = ahead->substr(0, at)};
      }
      brackets.take(c);
    }
    too_long = too_long || at > entry_bytes_max;
    if (too_long) {
      source_.consume(at);
      at = 0;
    }
  }
}

// Consumes what is before the list, and its bracket. False: there is no such list.
Result<bool> JsonItems::find_list() {
  Brackets brackets;
  bool named = false;  // the last thing was the name of the list and a colon
  for (;;) {
    const auto ahead = source_.next();
    if (!ahead) return std::unexpected(ahead.error());
    if (ahead->empty()) return false;
    std::size_t at = 0;
    while (at < ahead->size() && !in_list_) {
      const char c = (*ahead)[at++];
      const bool in_text = brackets.in_text();
      if (!in_text && c == '[') {
        in_list_ = list_ == List::document ? brackets.depth() == 0 : named && brackets.depth() == 2;
      }
      if (!in_text && !is_space(c)) named = c == ':' && brackets.text() == "entries";
      brackets.take(c);
    }
    source_.consume(at);
    if (in_list_) return true;
  }
}

// Consumes what is between two elements. False: the list ends.
Result<bool> JsonItems::skip_to_item() {
  for (;;) {
    const auto ahead = source_.next();
    if (!ahead) return std::unexpected(ahead.error());
    if (ahead->empty()) return fail(Fault::invalid, std::format("{}: the document breaks off", place()));
    const auto* const item = std::ranges::find_if_not(*ahead, [](char c) { return is_space(c) || c == ','; });
    source_.consume(static_cast<std::size_t>(item - ahead->begin()));
    if (item != ahead->end()) return *item != ']';
  }
}

std::string JsonItems::place() const { return std::format("{}: entry {}", source_.name(), number_); }

}  // namespace fovea
