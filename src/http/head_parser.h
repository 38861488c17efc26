// HeadParser: collects the head of an HTTP answer from its lines, as libcurl gives them. Not thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "http/http_client.h"

namespace fovea {

class HeadParser {
 public:
  // Takes one line with its line break. Heads of status 1xx are dropped, and so are trailers after the body.
  void take_line(std::string_view line);

  // True from the empty line after the final head on.
  bool complete() const { return complete_; }
  const HttpHead& head() const { return head_; }
  HttpHead take_head() { return std::move(head_); }
  // Bytes of all lines up to the end of the final head.
  std::uint64_t bytes() const { return bytes_; }

 private:
  HttpHead head_;
  bool complete_ = false;
  std::uint64_t bytes_ = 0;
};

}  // namespace fovea
