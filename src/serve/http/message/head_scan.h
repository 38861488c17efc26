// HeadScan: finds where a request's head ends, byte by byte as it comes, and refuses one that is too large or
// whose lines two readers could see differently, before the rest is read.
//
// A value for one request. Not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "serve/wire/refusal.h"

namespace fovea::serve {

class HeadScan {
 public:
  static constexpr std::size_t head_bytes_max = 64 << 10;
  static constexpr std::size_t line_bytes_max = 16 << 10;  // of the first line: a target as long as no client's
  static constexpr std::size_t fields_max = 100;           // browsers send some twenty, proxies add some more

  // The head's size, with the empty line that ends it; nullopt while that has not come. `bytes` is what came
  // so far, from the head's first byte on; each call gets all that the one before got, and more.
  // Refused: 400, 414, 431.
  Parsed<std::optional<std::size_t>> scan(std::string_view bytes);

 private:
  std::optional<Refusal> end_line(std::string_view bytes, std::size_t end);

  std::size_t at_ = 0;          // bytes before it were looked at
  std::size_t line_begin_ = 0;  // of the line that `at_` is in
  std::size_t lines_ = 0;
};

}  // namespace fovea::serve
