// percent_decoded: text with its percent-encoding undone (RFC 3986, 2.1). A pure function; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace fovea {

struct PercentDecoded {
  std::string text;
  bool broken = false;  // a % without two hexadecimal digits behind it, which stays as it is
};

// `text` with each %41 as A, once.
PercentDecoded percent_decoded(std::string_view text);

}  // namespace fovea
