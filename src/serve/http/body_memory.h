// BodyMemory: how many bytes the bodies of all requests may have at the same time, while they are read and
// handled. Claim: one body's part of it. BodyBytes: a body with its claim.
//
// BodyMemory is thread-safe and must outlive its claims; a BodyBytes is used by one thread at a time.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "base/mutex.h"
#include "base/owned.h"

namespace fovea::serve {

class BodyMemory {
 public:
  explicit BodyMemory(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // False, and nothing is taken, where so much is not left.
  bool take(std::uint64_t bytes);
  void give_back(std::uint64_t bytes);
  std::uint64_t taken() const;

 private:
  const std::uint64_t bytes_max_;
  mutable Mutex mutex_;
  std::uint64_t taken_ FOVEA_GUARDED_BY(mutex_) = 0;
};

class BodyBytes {
 public:
  // Readable and zero behind the last byte: readers of JSON look at so many at once.
  static constexpr std::size_t padding_bytes = 64;

  explicit BodyBytes(BodyMemory& memory) : memory_(&memory) {}
  ~BodyBytes() { clear(); }
  BodyBytes(BodyBytes&& other) noexcept;
  BodyBytes& operator=(BodyBytes&& other) noexcept;

  // Room for `bytes` in all. False where the memory for bodies has not so much left; then nothing changes.
  bool reserve(std::uint64_t bytes);
  // Room for one byte more at least, and for more the larger the body is already, but not for more than
  // `bytes_max` in all. False as of reserve(), or where the body is that large already.
  bool grow(std::uint64_t bytes_max);
  // What is reserved and not yet filled; and that its first bytes are.
  std::span<char> room() { return {bytes_.get() + size_, capacity_ - size_}; }
  void filled(std::size_t bytes);
  // False as of grow().
  bool append(std::string_view bytes, std::uint64_t bytes_max);

  void clear();
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::string_view text() const { return {bytes_.get(), size_}; }

 private:
  BodyMemory* memory_;
  Owned<char, std::free> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;  // without the padding; also what is claimed
};

}  // namespace fovea::serve
