// ByteWriter and ByteReader: fields of fixed width, little-endian, one behind the other. For headers and
// small payloads of stored records.
//
// Written byte by byte, so that the bytes depend neither on the machine's byte order nor on how a compiler
// pads a struct. A reader never reads beyond its bytes: the first field that does not fit makes it fail, and
// from then on each field is zero or empty. So a decoder reads all its fields first and asks once, with
// finished(), whether they were there and were all. Not thread-safe. A reader owns nothing: its bytes must
// outlive it and every text it returned.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fovea/key.h"

namespace fovea {

class ByteWriter {
 public:
  ByteWriter& u8(std::uint8_t value) { return number(value); }
  ByteWriter& u32(std::uint32_t value) { return number(value); }
  ByteWriter& u64(std::uint64_t value) { return number(value); }
  ByteWriter& i32(std::int32_t value) { return number(static_cast<std::uint32_t>(value)); }
  ByteWriter& f32(float value) { return number(std::bit_cast<std::uint32_t>(value)); }
  ByteWriter& f64(double value) { return number(std::bit_cast<std::uint64_t>(value)); }
  ByteWriter& key(const Key& value) { return bytes(value.bytes); }
  // Its length as u32, then its bytes. REQUIRES: shorter than 4 GiB.
  ByteWriter& text(std::string_view value) {
    check(value.size() <= std::numeric_limits<std::uint32_t>::max(), "a stored text is shorter than 4 GiB");
    return u32(static_cast<std::uint32_t>(value.size())).bytes(std::as_bytes(std::span(value)));
  }
  // As they are, without a length.
  ByteWriter& bytes(std::span<const std::byte> value) {
    written_.insert(written_.end(), value.begin(), value.end());
    return *this;
  }

  // All so far; valid until more is written.
  std::span<const std::byte> written() const { return written_; }

 private:
  template <std::unsigned_integral T>
  ByteWriter& number(T value) {
    for (std::size_t i = 0; i < sizeof value; ++i) written_.push_back(static_cast<std::byte>(value >> (8 * i)));
    return *this;
  }

  std::vector<std::byte> written_;
};

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
  // Any bit pattern, so also what is not finite: the caller checks its range.
  float f32() { return std::bit_cast<float>(u32()); }
  double f64() { return std::bit_cast<double>(u64()); }
  Key key() {
    Key key;
    std::ranges::copy(bytes(key.bytes.size()), key.bytes.begin());
    return key;
  }
  std::string_view text() {
    const auto taken = bytes(u32());
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  // The next `size` bytes in place; none where fewer are left.
  std::span<const std::byte> bytes(std::size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  // A u32 that says how many items follow, each at least `item_bytes` long. Fails where fewer bytes are left
  // than such items take, so that nobody makes room for items that are not there. REQUIRES: item_bytes > 0.
  std::uint32_t count(std::size_t item_bytes) {
    const std::uint32_t items = u32();
    if (items <= rest_.size() / item_bytes) return items;
    ok_ = false;
    return 0;
  }

  // Every field so far was there.
  bool ok() const { return ok_; }
  // Every field was there, and nothing is left.
  bool finished() const { return ok_ && rest_.empty(); }

 private:
  template <std::unsigned_integral T>
  T number() {
    T value = 0;
    const auto taken = bytes(sizeof value);
    for (std::size_t i = 0; i < taken.size(); ++i)
      value = static_cast<T>(value | static_cast<T>(std::to_integer<T>(taken[i]) << (8 * i)));
    return value;
  }

  std::span<const std::byte> rest_;
  bool ok_ = true;
};

}  // namespace fovea
