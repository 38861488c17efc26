// masked_text: a text without what varies in texts that a program fills in: numbers, times and ids. Two texts
// of one template have the same. A pure function; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fovea {

struct TextVariables {
  std::uint8_t kinds = 0;    // bits of Variable (audited_request.h); 0: there are none
  std::size_t first_at = 0;  // where the first of them begins; the text's length if there are none
};

// Writes `text` into `masked` with one control character in place of each variable, if there are any;
// otherwise `masked` is left empty. Both are ASCII's business: other characters stay as they are.
TextVariables mask_variables(std::string_view text, std::string& masked);

}  // namespace fovea
