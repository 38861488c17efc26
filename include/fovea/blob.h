// SPDX-License-Identifier: Apache-2.0

// Blob: immutable, reference-counted bytes. What a Level stores and what a hit hands out.
//
// Copying a Blob copies a pointer. The bytes live until the last copy goes, so an entry that is evicted while someone
// reads it stays readable. Thread-safe as std::shared_ptr is: separate copies may be used from separate threads.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace fovea {

class Blob {
 public:
  // No bytes.
  Blob() = default;

  // `bytes`, copied once into memory aligned to 64 bytes (so that float32 rows can be used in place).
  static Blob copy_of(std::span<const std::byte> bytes);
  static Blob copy_of(std::string_view text) { return copy_of(std::as_bytes(std::span(text))); }

  // A blob of `size` bytes written by `fill(std::span<std::byte>)`, which sees them uninitialised. Nothing is copied.
  template <typename Fill>
  static Blob filled(std::size_t size, Fill&& fill) {
    std::shared_ptr<std::byte[]> owned = allocate(size);
    std::forward<Fill>(fill)(std::span(owned.get(), size));
    return Blob(std::move(owned), size);
  }

  // A blob over `bytes`, which live as long as `owner` does and never change. Nothing is copied.
  static Blob sharing(std::shared_ptr<const void> owner, std::span<const std::byte> bytes) {
    return Blob(std::shared_ptr<const std::byte[]>(std::move(owner), bytes.data()), bytes.size());
  }

  // The bytes, in place: valid as long as this blob or a copy of it lives.
  std::span<const std::byte> bytes() const { return {data_.get(), size_}; }
  // The same as text.
  std::string_view text() const { return {reinterpret_cast<const char*>(data_.get()), size_}; }
  std::size_t size() const { return size_; }  // bytes
  bool empty() const { return size_ == 0; }   // whether there are none

  // The bytes as `T`s, in place. REQUIRES: size() is a multiple of sizeof(T), T is trivially copyable.
  template <typename T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(data_.get()), size_ / sizeof(T)};
  }

 private:
  Blob(std::shared_ptr<const std::byte[]> data, std::size_t size) : data_(std::move(data)), size_(size) {}
  static std::shared_ptr<std::byte[]> allocate(std::size_t size);

  std::shared_ptr<const std::byte[]> data_;
  std::size_t size_ = 0;
};

}  // namespace fovea
