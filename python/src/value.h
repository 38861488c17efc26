// SPDX-License-Identifier: Apache-2.0

// fovea.Value: what a level or store has found, read-only, where it lies.
//
// It shares the bytes of the entry: they live as long as any Value, and whatever uses its memory, also after
// the entry was evicted and the store closed.
#pragma once

#include <optional>

#include "fovea/blob.h"
#include "python.h"
#include "store/value/value_payload.h"

namespace fovea::python {

struct Value {
  Blob payload;        // keeps the bytes of `stored`
  StoredValue stored;  // the whole of the payload, or one array of it
  bool is_whole = true;

  // What `payload` holds; nullopt where it is no value.
  static std::optional<Value> of(Blob payload);

  std::uint64_t bytes() const;
};

// Raises TypeError, with what to do instead, for a sequence.
const StoredArray& one_array(const Value& value);

void bind_value(nb::module_& module);

}  // namespace fovea::python
