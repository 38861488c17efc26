// HeldValue: a value in the keeping of a level, with what a hit needs to know of it.
//
// A level hands out Blobs that share the HeldValue, so its bytes live as long as any reader. When the entry leaves, the level
// marks the value as departed: from then on until it is destroyed its bytes count as in use. Marked under the ledger's lock,
// by one who still holds a reference, so the mark is always seen by the destructor, on whatever thread that runs.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "fovea/blob.h"

namespace fovea {

class HeldValue {
 public:
  using Counter = std::shared_ptr<std::atomic<std::uint64_t>>;

  HeldValue(Blob value, double saves_ms, Counter in_use_bytes)
      : value_(std::move(value)), saves_ms_(saves_ms), in_use_bytes_(std::move(in_use_bytes)) {}
  ~HeldValue() {
    if (departed_) *in_use_bytes_ -= value_.size();
  }
  HeldValue(const HeldValue&) = delete;
  HeldValue& operator=(const HeldValue&) = delete;

  double saves_ms() const { return saves_ms_; }

  void depart() {
    departed_ = true;
    *in_use_bytes_ += value_.size();
  }

  // A Blob of the value's bytes that keeps `held` alive.
  static Blob view(std::shared_ptr<const HeldValue> held) {
    const std::span<const std::byte> bytes = held->value_.bytes();
    return Blob::sharing(std::move(held), bytes);
  }

 private:
  // In this order a hit finds the count that it takes, the bytes' place and the cost side by side.
  const Blob value_;
  const double saves_ms_;
  const Counter in_use_bytes_;
  bool departed_ = false;
};

}  // namespace fovea
