// A body lies in memory of the C library's, which enlarges a large block by moving its pages, not its bytes.
#include "serve/http/body_memory.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace fovea::serve {

namespace {

// How large a body becomes at first, as far as it says it is; then it doubles. Each step may copy what is
// there, so there are few up to a photograph's size. And none is far above what the client has sent by then:
// it is taken of the memory for all.
constexpr std::array<std::uint64_t, 3> first_steps = {16 << 10, 64 << 10, 512 << 10};

}  // namespace

bool BodyMemory::take(std::uint64_t bytes) {
  MutexLock lock(mutex_);
  if (bytes > bytes_max_ - taken_) return false;
  taken_ += bytes;
  return true;
}

void BodyMemory::give_back(std::uint64_t bytes) {
  MutexLock lock(mutex_);
  taken_ -= bytes;
}

std::uint64_t BodyMemory::taken() const {
  MutexLock lock(mutex_);
  return taken_;
}

BodyBytes::BodyBytes(BodyBytes&& other) noexcept
    : memory_(other.memory_),
      bytes_(std::move(other.bytes_)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

BodyBytes& BodyBytes::operator=(BodyBytes&& other) noexcept {
  if (this == &other) return *this;
  clear();
  memory_ = other.memory_;
  bytes_ = std::move(other.bytes_);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

bool BodyBytes::reserve(std::uint64_t bytes) {
  if (bytes <= capacity_) return true;
  if (!memory_->take(bytes - capacity_)) return false;
  void* larger = std::realloc(bytes_.get(), bytes + padding_bytes);
  if (larger == nullptr) {
    memory_->give_back(bytes - capacity_);
    return false;
  }
  [[maybe_unused]] const char* freed = bytes_.release();  // realloc() has freed it
  bytes_.reset(static_cast<char*>(larger));
  capacity_ = bytes;
  std::memset(bytes_.get() + size_, 0, std::min<std::size_t>(padding_bytes, capacity_ + padding_bytes - size_));
  return true;
}

bool BodyBytes::grow(std::uint64_t bytes_max) {
  if (size_ < capacity_) return true;
  const auto step = std::ranges::upper_bound(first_steps, capacity_);
  const std::uint64_t wanted = std::min(bytes_max, step != first_steps.end() ? *step : 2 * capacity_);
  return wanted > capacity_ && reserve(wanted);
}

void BodyBytes::filled(std::size_t bytes) {
  check(bytes <= capacity_ - size_, "a body is filled as far as it was reserved");
  size_ += bytes;
  std::memset(bytes_.get() + size_, 0, padding_bytes);
}

bool BodyBytes::append(std::string_view bytes, std::uint64_t bytes_max) {
  while (!bytes.empty()) {
    if (!grow(bytes_max)) return false;
    const std::size_t fit = std::min(bytes.size(), room().size());
    std::memcpy(room().data(), bytes.data(), fit);
    filled(fit);
    bytes.remove_prefix(fit);
  }
  return true;
}

void BodyBytes::clear() {
  if (capacity_ > 0) memory_->give_back(capacity_);
  bytes_.reset();
  size_ = capacity_ = 0;
}

}  // namespace fovea::serve
