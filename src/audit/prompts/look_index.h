// LookIndex: finds, of a picture's coarse look (AuditedPicture::look), an earlier one of which few bits
// differ.
//
// A look is cut into five bands, and each band leads to the looks that have the same. Looks of which four
// bits or fewer differ have a band in common, so they are always found; of those with five or six, most are.
// Bounded, in memory and in time for each look. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace fovea {

class LookIndex {
 public:
  static constexpr std::uint32_t looks_max = 2'000'000;
  static constexpr int differing_bits_max = 6;  // as AuditedPicture says of copies

  struct Look {
    std::uint64_t bits = 0;
    std::uint32_t width = 0, height = 0;
  };

  // The nearest earlier look of a picture of the same shape; nullopt where there is none, or where the look
  // is nearly that of a blank picture, which all are alike.
  std::optional<Look> find(const Look& look) const;
  void add(const Look& look);

 private:
  static constexpr int bands = 5;
  static constexpr int band_bits = 13;             // the last has 12
  static constexpr std::uint32_t chain_max = 256;  // looks that share a band and are compared: the newest ones

  struct Entry {
    Look look;
    std::array<std::uint32_t, bands> next;  // the one before it in the same band
  };

  static std::uint32_t band_of(std::uint64_t bits, int band) {
    return static_cast<std::uint32_t>(band) << band_bits |
           static_cast<std::uint32_t>((bits >> (band * band_bits)) & ((1U << band_bits) - 1));
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> newest_;  // by band; the index of its newest entry plus 1
};

}  // namespace fovea
