#include "http/head_parser.h"

#include <charconv>
#include <string>

namespace fovea {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto start = text.find_first_not_of(blanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(blanks) - start + 1);
}

// The status of "HTTP/1.1 200 OK"; 0 where there is none.
int status_of(std::string_view line) {
  const auto space = line.find(' ');
  int status = 0;
  if (space != std::string_view::npos) std::from_chars(line.data() + space + 1, line.data() + line.size(), status);
  return status;
}

}  // namespace

void HeadParser::take_line(std::string_view line) {
  if (complete_) return;
  bytes_ += line.size();
  const auto colon = line.find(':');
  if (line.starts_with("HTTP/")) {
    head_ = {.status = status_of(line), .headers = {}};
  } else if (trimmed(line).empty()) {
    complete_ = head_.status >= 200;
  } else if (colon != std::string_view::npos) {
    head_.headers.push_back({std::string(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1)))});
  }
}

}  // namespace fovea
