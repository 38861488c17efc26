// Units: byte sizes in binary units ("10GiB") and times in ms and s, as people read and write them. Pure
// functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fovea/result.h"

namespace fovea {

// The bytes that `text` names: a number with an optional B, KiB, MiB, GiB or TiB ("512MiB", "1.5 GiB", "0").
// "K", "M", "G" and "T" alone mean the binary units too. Faults: invalid, with the accepted forms in the
// message.
Result<std::uint64_t> parse_bytes(std::string_view text);

// `bytes` in the largest binary unit that keeps it at 1 or more: "512 B", "1.5 MiB".
std::string format_bytes(std::uint64_t bytes);

// `ms` with three significant digits: "0.042 ms", "7.31 ms", "2.73 s", "3 min 20 s".
std::string format_ms(double ms);

}  // namespace fovea
