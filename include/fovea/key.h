// SPDX-License-Identifier: Apache-2.0

// Key: the 256-bit name of everything Fovea stores, and KeyBuilder, the only way to make one.
//
// A key is the BLAKE3 hash of a domain tag and of length-framed, typed fields. Framing means that ("ab", "c") and
// ("a", "bc") never meet; the domain means that an embedding key never equals a response key of the same fields. All
// 256 bits are kept and compared: nothing is truncated but the bucket choice (Key::bits).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fovea {

struct Key {
  std::array<std::byte, 32> bytes{};  // the hash, whole

  // 64 of the key's bits, for hash tables. Uniform, since the key is a hash; equality always compares the whole key.
  std::uint64_t bits() const {
    std::uint64_t value;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  // 64 lowercase hexadecimal digits.
  std::string hex() const;
  // The inverse of hex(); nullopt unless `digits` is exactly 64 hexadecimal digits.
  static std::optional<Key> from_hex(std::string_view digits);

  // By all 256 bits; the order is that of the bytes.
  friend bool operator==(const Key&, const Key&) = default;
  friend auto operator<=>(const Key&, const Key&) = default;
};

// Hashes keys for std::unordered_map and its like.
struct KeyHash {
  // The key's own bits: it is a hash already.
  std::size_t operator()(const Key& key) const { return key.bits(); }
};

// Hashes typed fields into a Key. Not thread-safe. Field order matters; each field is framed by its type and length.
class KeyBuilder {
 public:
  // `domain` separates kinds of keys, for example "fovea/embedding/1". Change its number when the fields change.
  explicit KeyBuilder(std::string_view domain);
  ~KeyBuilder();
  KeyBuilder(KeyBuilder&&) noexcept;
  KeyBuilder& operator=(KeyBuilder&&) noexcept;

  // Adds one field. The type is part of it: the number 1, the text "1" and `true` give different keys.
  KeyBuilder& field(std::span<const std::byte> bytes);
  KeyBuilder& field(std::string_view text);
  KeyBuilder& field(const char* text) { return field(std::string_view(text)); }
  KeyBuilder& field(std::int64_t number);
  KeyBuilder& field(int number) { return field(static_cast<std::int64_t>(number)); }
  KeyBuilder& field(std::uint32_t number) { return field(static_cast<std::int64_t>(number)); }
  KeyBuilder& field(std::uint64_t number);
  KeyBuilder& field(bool truth);
  KeyBuilder& field(const Key& key);
  // By bit pattern, with -0.0 as 0.0: numbers that compare equal give equal keys.
  KeyBuilder& field(double number);
  // A value that may be absent; absent differs from every present value.
  template <typename T>
  KeyBuilder& field(const std::optional<T>& value) {
    field(value.has_value());
    return value ? field(*value) : *this;
  }

  // The key of the fields so far. The builder may go on afterwards.
  Key finish() const;

 private:
  struct State;
  void frame(char type, std::uint64_t length);
  std::unique_ptr<State> state_;
};

}  // namespace fovea
