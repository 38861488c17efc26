// The head of a reply as HTTP's text, and chunks of its body. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "serve/exchange.h"

namespace fovea::serve {

// How the end of a reply's body is told.
enum class BodyEnd { length, chunks, connection };

struct ReplyFraming {
  BodyEnd end = BodyEnd::length;
  std::size_t length = 0;  // with BodyEnd::length
  bool keep_alive = true;  // the connection is used again
  bool http_1_1 = true;    // what the client speaks
};

// The status line and all fields, with the empty line behind them. `reply.body` is not looked at. Line ends
// in values become spaces.
std::string reply_head(const Reply& reply, const ReplyFraming& framing);

// `bytes`, which are not empty, as one chunk.
std::string chunk_of(std::string_view bytes);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

// Whether a reply of this status has no body at all.
bool has_no_body(int status);

}  // namespace fovea::serve
