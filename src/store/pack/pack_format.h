// The frame of a pack: a file of sealed entries, for carrying a cache to where no network is. docs/format.md
// describes every byte. For who writes and who reads one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fovea::pack {

constexpr std::string_view magic = "FOVEAPAK";
constexpr std::uint8_t version = 1;
constexpr std::size_t start_bytes = 16;                            // magic, version, 7 reserved bytes
constexpr std::size_t length_bytes = 8;                            // in front of each entry
constexpr std::size_t end_bytes = 16;                              // a length of 0, and the number of entries
constexpr std::uint64_t entry_bytes_max = std::uint64_t{1} << 30;  // above what any tier takes

}  // namespace fovea::pack
