// A field is hashed as nine bytes, its type and its length (little-endian), and then its bytes. A number is
// hashed as its type and its value in the place of the length. So no two different sequences of fields give
// the same input to the hash. The format is fixed: a change of it would invalidate every stored key.
#include "fovea/key.h"

#include <blake3.h>

#include <bit>

namespace fovea {

struct KeyBuilder::State {
  blake3_hasher hasher;
};

KeyBuilder::KeyBuilder(std::string_view domain) : state_(std::make_unique<State>()) {
  blake3_hasher_init(&state_->hasher);
  field(domain);
}

KeyBuilder::~KeyBuilder() = default;
KeyBuilder::KeyBuilder(KeyBuilder&&) noexcept = default;
KeyBuilder& KeyBuilder::operator=(KeyBuilder&&) noexcept = default;

void KeyBuilder::frame(char type, std::uint64_t length) {
  std::array<unsigned char, 9> header{static_cast<unsigned char>(type)};
  for (std::size_t i = 0; i < 8; ++i) header[i + 1] = static_cast<unsigned char>(length >> (8 * i));
  blake3_hasher_update(&state_->hasher, header.data(), header.size());
}

KeyBuilder& KeyBuilder::field(std::span<const std::byte> bytes) {
  frame('b', bytes.size());
  blake3_hasher_update(&state_->hasher, bytes.data(), bytes.size());
  return *this;
}

KeyBuilder& KeyBuilder::field(std::string_view text) {
  frame('s', text.size());
  blake3_hasher_update(&state_->hasher, text.data(), text.size());
  return *this;
}

// A number's value stands in the place of the length; the type byte keeps the two apart.
KeyBuilder& KeyBuilder::field(std::int64_t number) {
  frame('i', static_cast<std::uint64_t>(number));
  return *this;
}

KeyBuilder& KeyBuilder::field(std::uint64_t number) {
  frame('u', number);
  return *this;
}

KeyBuilder& KeyBuilder::field(double number) {
  frame('d', std::bit_cast<std::uint64_t>(number == 0.0 ? 0.0 : number));
  return *this;
}

KeyBuilder& KeyBuilder::field(bool truth) {
  frame('t', truth ? 1 : 0);
  return *this;
}

KeyBuilder& KeyBuilder::field(const Key& key) {
  frame('k', key.bytes.size());
  blake3_hasher_update(&state_->hasher, key.bytes.data(), key.bytes.size());
  return *this;
}

Key KeyBuilder::finish() const {
  Key key;
  blake3_hasher_finalize(&state_->hasher, reinterpret_cast<std::uint8_t*>(key.bytes.data()), key.bytes.size());
  return key;
}

std::string Key::hex() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (std::byte byte : bytes) {
    text += digits[std::to_integer<unsigned>(byte >> 4)];
    text += digits[std::to_integer<unsigned>(byte & std::byte{15})];
  }
  return text;
}

std::optional<Key> Key::from_hex(std::string_view digits) {
  Key key;
  if (digits.size() != 2 * key.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const char c = digits[i];
    unsigned value;
    if (c >= '0' && c <= '9')
      value = static_cast<unsigned>(c - '0');
    else if (c >= 'a' && c <= 'f')
      value = static_cast<unsigned>(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
      value = static_cast<unsigned>(c - 'A' + 10);
    else
      return std::nullopt;
    key.bytes[i / 2] = (key.bytes[i / 2] << 4) | static_cast<std::byte>(value);
  }
  return key;
}

}  // namespace fovea
