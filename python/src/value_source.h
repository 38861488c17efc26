// SPDX-License-Identifier: Apache-2.0

// ValueSource: the arrays of a caller's object, held while they are copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "python.h"
#include "store/value/value_payload.h"

namespace fovea::python {

// Made and destroyed by who holds the GIL.
class ValueSource {
 public:
  // TypeError, with what is accepted, where `value` has no arrays.
  static ValueSource of(nb::handle value, double expires_unix_ms);

  std::uint64_t payload_bytes() const { return layout_.payload_bytes(); }
  // Writes the whole payload. Needs no GIL. REQUIRES: payload.size() is payload_bytes().
  void write(std::span<std::byte> payload) const;

  // One array, where it lies.
  struct Array {
    ArrayShape shape;
    const std::byte* data = nullptr;
    std::vector<std::int64_t> steps;    // in bytes, of each dimension
    std::shared_ptr<const void> owner;  // released by who holds the GIL
  };

 private:
  ValueSource() = default;

  ValueFacts facts_;
  ValueLayout layout_;
  std::vector<Array> arrays_;
};

}  // namespace fovea::python
