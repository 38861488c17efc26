// passed_target: the path that a client wrote, fit to be passed on to another server. A pure function;
// thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "fovea/result.h"

namespace fovea {

struct PassedTarget {
  std::string path;  // percent-decoded, which tells what is asked for
  std::string text;  // path and query to send, percent-encoded as the client wrote them
};

// `target` (a path and query, as in a request's first line) without "." and ".." segments, empty segments and
// fragment. So it never leaves the place below which it is sent, and is the path that was looked at.
// Faults: invalid, where it does not begin with a slash, or hides such a segment behind encoded slashes or
// repeated encoding, or is encoded more than a few times over.
Result<PassedTarget> passed_target(std::string_view target);

}  // namespace fovea
