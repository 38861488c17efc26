// SPDX-License-Identifier: Apache-2.0

#include <format>
#include <new>

#include "buffer.h"

namespace fovea::python {

namespace {

constexpr std::align_val_t alignment{array_alignment};

std::byte* allocated(std::size_t bytes) { return static_cast<std::byte*>(::operator new(bytes, alignment)); }
void freed(std::byte* bytes) { ::operator delete(bytes, alignment); }

}  // namespace

BufferMemory::BufferMemory(ValueFacts facts, ValueLayout layout)
    : facts_(std::move(facts)),
      layout_(std::move(layout)),
      bytes_(allocated(record_header_bytes + layout_.payload_bytes()), &freed) {}

Result<std::shared_ptr<BufferMemory>> BufferMemory::make(ArrayShape shape) {
  ValueFacts facts{.is_sequence = false, .arrays = {std::move(shape)}};
  auto layout = ValueLayout::of(facts);
  if (!layout) return std::unexpected(std::move(layout.error()));
  return std::shared_ptr<BufferMemory>(new BufferMemory(std::move(facts), *std::move(layout)));
}

std::span<std::byte> BufferMemory::record() const {
  return {bytes_.get(), record_header_bytes + layout_.payload_bytes()};
}

std::span<std::byte> BufferMemory::elements() const { return payload().subspan(layout_.offset(0), layout_.bytes(0)); }

bool BufferMemory::lend() {
  const std::lock_guard lock(mutex_);
  ++lent_;
  return !frozen_;
}

void BufferMemory::give_back() {
  const std::lock_guard lock(mutex_);
  --lent_;
}

std::size_t BufferMemory::lent() const {
  const std::lock_guard lock(mutex_);
  return lent_;
}

bool BufferMemory::frozen() const {
  const std::lock_guard lock(mutex_);
  return frozen_;
}

// True where this call froze it, with the payload's head written. REQUIRES: the lock.
Result<bool> BufferMemory::freeze(double expires_unix_ms) {
  if (frozen_) return false;
  if (lent_ > 0) {
    return fail(Fault::unavailable, std::format("{} views of this buffer may still change it: delete them (del array) "
                                                "before it is stored, or store a copy",
                                                lent_));
  }
  facts_.expires_unix_ms = expires_unix_ms;
  layout_.write_around(facts_, payload());
  frozen_ = true;
  return true;
}

Result<Blob> BufferMemory::frozen_payload() {
  const std::lock_guard lock(mutex_);
  if (auto done = freeze(0); !done) return std::unexpected(std::move(done.error()));
  return Blob::sharing(shared_from_this(), payload());
}

Result<std::optional<Blob>> BufferMemory::frozen_record(const RecordHeader& header, double expires_unix_ms) {
  {
    const std::lock_guard lock(mutex_);
    const auto froze = freeze(expires_unix_ms);
    if (!froze) return std::unexpected(froze.error());
    if (is_record_ || facts_.expires_unix_ms != expires_unix_ms) return std::nullopt;
    is_record_ = true;
  }
  seal_record(header, record());  // its header is read by nobody yet
  return Blob::sharing(shared_from_this(), record());
}

}  // namespace fovea::python
