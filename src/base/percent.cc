#include "base/percent.h"

#include <algorithm>
#include <charconv>

namespace fovea {

PercentDecoded percent_decoded(std::string_view text) {
  PercentDecoded decoded;
  decoded.text.reserve(text.size());
  while (true) {
    const std::size_t plain = std::min(text.find('%'), text.size());
    decoded.text += text.substr(0, plain);
    if (plain == text.size()) return decoded;
    const std::string_view digits = text.substr(plain + 1, 2);
    unsigned char value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    const bool whole = digits.size() == 2 && read.ptr == digits.data() + 2;
    decoded.text += whole ? static_cast<char>(value) : '%';
    decoded.broken |= !whole;
    text.remove_prefix(plain + (whole ? 3 : 1));
  }
}

}  // namespace fovea
