// Secret: 32 bytes that nobody else may know: a tenant's own, or a key made from it.
//
// A plain value. Its bytes are wiped from memory when it is destroyed.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace fovea {

class Secret {
 public:
  static constexpr std::size_t secret_bytes = 32;

  explicit Secret(std::span<const std::byte, secret_bytes> bytes);
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret();

  // From the system's randomness.
  static Secret drawn();

  // In place.
  std::span<const std::byte, secret_bytes> bytes() const { return bytes_; }

  // In a time that does not tell where they differ.
  friend bool operator==(const Secret& one, const Secret& other);

 private:
  std::array<std::byte, secret_bytes> bytes_;
};

}  // namespace fovea
