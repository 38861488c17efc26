#include "serve/wire/fresh_id.h"

#include <sys/random.h>

#include <array>
#include <cstddef>

#include "base/check.h"

namespace fovea::serve {

std::string fresh_id(std::string_view prefix) {
  std::array<unsigned char, 16> random;
  check(getrandom(random.data(), random.size(), 0) == static_cast<ssize_t>(random.size()),
        "the system has no random bytes");
  std::string id(prefix);
  for (const unsigned char byte : random) {
    constexpr std::string_view digits = "0123456789abcdef";
    id += digits[byte >> 4];
    id += digits[byte & 15];
  }
  return id;
}

}  // namespace fovea::serve
