// SPDX-License-Identifier: Apache-2.0

// DLPack: arrays handed to and taken from torch, jax and others without a copy of their own.
//
// The structs are those of DLPack's ABI (versions 0 and 1). What is lent out keeps its bytes alive by itself,
// and its release touches no Python object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "python.h"
#include "store/value/value_payload.h"

namespace fovea::python {

// An array in a capsule, which `owner` keeps until the consumer releases it. `max_version` is the consumer's
// (major, minor), or None: without one the capsule is of version 0, which cannot say that it is read-only.
nb::object lend_dlpack(const ArrayShape& shape, void* data, std::shared_ptr<const void> owner, bool is_read_only,
                       nb::handle max_version);

// What __dlpack__ is asked besides: ValueError or BufferError where it cannot be done.
void check_dlpack_request(nb::handle stream, nb::handle dl_device, nb::handle copy, bool may_copy);

// An array of another library, held until this is destroyed.
class BorrowedArray {
 public:
  // Of an object with __dlpack__. TypeError, ValueError or what the object raises.
  static BorrowedArray of(nb::handle object);
  BorrowedArray(BorrowedArray&& other) noexcept;
  BorrowedArray& operator=(BorrowedArray&&) = delete;
  ~BorrowedArray();  // by who holds the GIL

  const ArrayShape& shape() const { return shape_; }
  const std::byte* data() const { return data_; }
  // In bytes, of each dimension.
  const std::vector<std::int64_t>& steps() const { return steps_; }

 private:
  BorrowedArray() = default;
  ArrayShape shape_;
  const std::byte* data_ = nullptr;
  std::vector<std::int64_t> steps_;
  std::function<void()> release_;
};

}  // namespace fovea::python
