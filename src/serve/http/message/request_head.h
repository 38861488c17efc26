// RequestHead: what a request's first line and header fields say. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "serve/wire/headers.h"

namespace fovea::serve {

struct RequestHead {
  std::string method;  // as sent: "GET"
  std::string target;  // as sent, with its percent-encoding, but without a scheme and host in front
  std::string path;    // percent-decoded
  std::string query;   // as sent, without the question mark
  Headers headers;     // names in lower case; a field that came in several lines is joined by commas
  bool http_1_1 = true;
  bool keep_alive = true;  // the client wants to use the connection again
  // At most one of these: the body's length, and whether it comes in chunks. Without either there is none.
  std::optional<std::uint64_t> length;
  bool chunked = false;

  // The value of a field; empty where there is none. `name` in lower case.
  std::string_view header(std::string_view name) const;
  // A parameter of the query, decoded; empty where there is none.
  std::string parameter(std::string_view name) const;

  // `target` as path and query. False for a target that names no path of this server.
  bool split_target();
};

}  // namespace fovea::serve
