// HeldValue: a value in the keeping of a level, with what a hit needs to know of it.
//
// A level hands out Blobs that share the HeldValue, so its bytes live as long as any reader. When the entry leaves, the level
// marks the value as departed: from then on until it is destroyed its bytes count as in use. Marked under the budget core's lock,
// by one who still holds a reference, so the mark is always seen by the destructor, on whatever thread that runs.
#pragma once

#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <memory>
#include <utility>

#include "cache/own_line.h"
#include "fovea/blob.h"

namespace fovea {

class HeldValue {
 public:
  // Bytes that have left a level and are still being read. Lives as long as the level or any of them.
  struct InUse : boost::intrusive_ref_counter<InUse> {
    std::atomic<std::uint64_t> bytes = 0;
  };

  // A new value in the keeping of a level.
  static std::shared_ptr<HeldValue> make(Blob value, double saves_ms) {
    return std::allocate_shared<HeldValue>(OnOwnLine<HeldValue>(), std::move(value), saves_ms);
  }

  HeldValue(Blob value, double saves_ms) : value_(std::move(value)), saves_ms_(saves_ms) {}
  ~HeldValue() {
    if (in_use_ != nullptr) in_use_->bytes -= value_.size();
  }
  HeldValue(const HeldValue&) = delete;
  HeldValue& operator=(const HeldValue&) = delete;

  double saves_ms() const { return saves_ms_; }

  void depart(boost::intrusive_ptr<InUse> in_use) {
    in_use_ = std::move(in_use);
    in_use_->bytes += value_.size();
  }

  // A Blob of the value's bytes that keeps `held` alive.
  static Blob view(std::shared_ptr<const HeldValue> held) {
    const std::span<const std::byte> bytes = held->value_.bytes();
    return Blob::sharing(std::move(held), bytes);
  }

 private:
  const Blob value_;
  const double saves_ms_;
  boost::intrusive_ptr<InUse> in_use_;  // once it has departed
};

}  // namespace fovea
