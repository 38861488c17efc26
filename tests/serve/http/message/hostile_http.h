// Any bytes as a request: it is read the same however they come, and as one request or none.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "serve/http/message/head_scan.h"
#include "serve/http/message/request_parser.h"

namespace fovea::serve::test {

// What was read: a refusal's status, or 200 for a head, and then its body.
struct ReadRequest {
  int status = 0;  // 0: more has to come
  std::string target, body;
  bool complete = false;  // the body too, where it comes in chunks

  bool operator==(const ReadRequest&) const = default;
};

// Reads `bytes` as they come in pieces of `step`.
inline ReadRequest read_in_pieces(std::string_view bytes, std::size_t step) {
  ReadRequest read;
  HeadScan scan;
  RequestParser parser;
  bool has_head = false;
  std::string pending;
  const auto take = [&](std::string_view piece) -> Parsed<void> {
    read.body += piece;
    return {};
  };
  for (std::size_t at = 0; at < bytes.size() && !read.complete; at += step) {
    pending += bytes.substr(at, step);
    if (!has_head) {
      const auto size = scan.scan(pending);
      if (!size) return {.status = size.error().status, .target = {}, .body = {}};
      if (!*size) continue;
      check(**size <= HeadScan::head_bytes_max, "a head is bounded");
      const auto head = parser.parse_head(std::string_view(pending).substr(0, **size));
      if (!head) return {.status = head.error().status, .target = {}, .body = {}};
      check(!(head->chunked && head->length), "a body has one length");
      pending.erase(0, **size);
      has_head = true;
      read.status = 200;
      read.target = head->target;
      read.complete = !head->chunked;
      if (read.complete) return read;
    }
    const auto chunks = parser.parse_chunks(pending, take);
    if (!chunks) return {.status = chunks.error().status, .target = read.target, .body = {}};
    pending.erase(0, chunks->used);
    read.complete = chunks->complete;
  }
  return read;
}

// True where it is a whole request.
inline bool check_hostile_http(std::string_view bytes) {
  const ReadRequest whole = read_in_pieces(bytes, std::max<std::size_t>(1, bytes.size()));
  check(whole == read_in_pieces(bytes, 1), "a request is the same in pieces");
  return whole.complete;
}

}  // namespace fovea::serve::test
