// HeldValue: a stored value, with what a hit needs to know of it.
//
// A level hands out Blobs that share the HeldValue, so its bytes live as long as any reader. When the entry
// is removed, the level marks its value: from then until the value is destroyed, its bytes count as in use.
// The mark is set under the budget core's lock by a thread that still holds a reference, so the destructor
// sees it on whatever thread it runs. Owned by shared_ptr: by the index and by every Blob of it.
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
  // The bytes of removed values that readers still hold. Lives as long as the level and any such value.
  struct InUse : boost::intrusive_ref_counter<InUse> {
    std::atomic<std::uint64_t> bytes = 0;
  };

  // A new value, on a cache line of its own.
  static std::shared_ptr<HeldValue> make(Blob value, double cost_ms) {
    return std::allocate_shared<HeldValue>(OnOwnLine<HeldValue>(), std::move(value), cost_ms);
  }

  HeldValue(Blob value, double cost_ms) : value_(std::move(value)), cost_ms_(cost_ms) {}
  ~HeldValue() {
    if (in_use_ != nullptr) in_use_->bytes -= value_.size();
  }
  HeldValue(const HeldValue&) = delete;
  HeldValue& operator=(const HeldValue&) = delete;

  double cost_ms() const { return cost_ms_; }

  // The entry of this value was removed; counts the bytes in `in_use` from now on.
  void mark_removed(boost::intrusive_ptr<InUse> in_use) {
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
  const double cost_ms_;
  boost::intrusive_ptr<InUse> in_use_;  // null until the value is removed
};

}  // namespace fovea
