// ByteCursor: numbers from hostile bytes, from front to back. Past the end it gives zeros and remembers that,
// so a decoder asks once behind a header. A view: the bytes must outlive it. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fovea {

class ByteCursor {
 public:
  explicit ByteCursor(std::span<const std::byte> bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(little(1)); }
  // With the lowest byte first (BMP, TGA), and with the highest first (PSD).
  std::uint16_t u16_little() { return static_cast<std::uint16_t>(little(2)); }
  std::uint32_t u32_little() { return little(4); }
  std::uint16_t u16_big() { return static_cast<std::uint16_t>(big(2)); }
  std::uint32_t u32_big() { return big(4); }

  // The next `count` bytes; none, and no longer whole(), where there are fewer.
  std::span<const std::byte> take(std::uint64_t count) {
    whole_ = whole_ && count <= rest_.size();
    if (!whole_) return {};
    const auto taken = rest_.first(static_cast<std::size_t>(count));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  std::span<const std::byte> rest() const { return rest_; }
  // Whether all that was asked for was there.
  bool whole() const { return whole_; }

 private:
  std::uint32_t little(std::size_t count) {
    std::uint32_t number = 0, shift = 0;
    for (const std::byte byte : take(count)) {
      number |= std::to_integer<std::uint32_t>(byte) << shift;
      shift += 8;
    }
    return number;
  }
  std::uint32_t big(std::size_t count) {
    std::uint32_t number = 0;
    for (const std::byte byte : take(count)) number = number << 8 | std::to_integer<std::uint32_t>(byte);
    return number;
  }

  std::span<const std::byte> rest_;
  bool whole_ = true;
};

}  // namespace fovea
