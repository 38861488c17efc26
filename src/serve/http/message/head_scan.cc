// Lines end with CR LF here and with nothing else. RFC 9112 (2.2) lets a reader take a bare LF, or a bare CR
// as a space; a proxy in front may do the other thing, and then sees other fields. The same holds for lines
// that go on in the next one (5.2). All of them are refused.
#include "serve/http/message/head_scan.h"

#include <format>

namespace fovea::serve {

namespace {

Refusal bad(std::string message) { return {400, std::move(message), {}, "invalid_http"}; }

// A method is letters. What begins otherwise is another protocol, which may never send an end of a line.
bool begins_a_method(char first) { return (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z'); }

}  // namespace

Parsed<std::optional<std::size_t>> HeadScan::scan(std::string_view bytes) {
  if (!bytes.empty() && !begins_a_method(bytes.front()))
    return std::unexpected(bad("this is no HTTP request; the server speaks HTTP/1.1 here"));
  for (; at_ < bytes.size() && at_ < head_bytes_max; ++at_) {
    const char c = bytes[at_];
    if (c == '\0') return std::unexpected(bad("a request's head has no zero bytes"));
    if (at_ > 0 && bytes[at_ - 1] == '\r' && c != '\n')
      return std::unexpected(bad("a line of the request's head has a CR in it"));
    if (c != '\n') continue;
    if (at_ == 0 || bytes[at_ - 1] != '\r')
      return std::unexpected(bad("a line of the request's head ends without a CR"));
    const bool empty_line = at_ - line_begin_ == 1;
    if (empty_line && lines_ > 0) return at_ + 1;
    if (auto refusal = end_line(bytes, at_ + 1)) return std::unexpected(std::move(*refusal));
  }
  if (lines_ == 0 && at_ >= line_bytes_max)
    return std::unexpected(
        Refusal{414, std::format("a request's first line has {} bytes at most", line_bytes_max), {}, "uri_too_long"});
  if (at_ >= head_bytes_max)
    return std::unexpected(
        Refusal{431, std::format("a request's head has {} bytes at most", head_bytes_max), {}, "headers_too_large"});
  return std::nullopt;
}

std::optional<Refusal> HeadScan::end_line(std::string_view bytes, std::size_t end) {
  if (lines_ > 0 && (bytes[line_begin_] == ' ' || bytes[line_begin_] == '\t'))
    return bad("a header field goes on in the next line");
  if (lines_ == 0 && end > line_bytes_max)
    return Refusal{414, std::format("a request's first line has {} bytes at most", line_bytes_max), {}, "uri_too_long"};
  if (++lines_ > fields_max + 1)
    return Refusal{431, std::format("more than {} header fields", fields_max), {}, "too_many_headers"};
  line_begin_ = end;
  return std::nullopt;
}

}  // namespace fovea::serve
