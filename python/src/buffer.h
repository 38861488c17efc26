// SPDX-License-Identifier: Apache-2.0

// fovea.Buffer: memory of one array that a caller fills, and that is stored without being copied.
//
// The memory is laid out as a record from the beginning: room for the record's header, the payload's head, the
// elements. Storing it writes the two and freezes it: from then on nothing changes it any more. Where it may
// still be changed through a view that was lent out, it is not frozen, and not stored.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "fovea/blob.h"
#include "python.h"
#include "store/record.h"
#include "store/value/value_payload.h"

namespace fovea::python {

// Thread-safe. Owned by shared_ptr: by the Buffer, by what was lent out, and by Blobs of it.
class BufferMemory : public std::enable_shared_from_this<BufferMemory> {
 public:
  // Faults: those of ValueLayout::of.
  static Result<std::shared_ptr<BufferMemory>> make(ArrayShape shape);

  const ArrayShape& shape() const { return facts_.arrays[0]; }
  std::span<std::byte> elements() const;

  // A view of the elements is lent out or given back; whether it may write.
  bool lend();
  void give_back();
  std::size_t lent() const;
  bool frozen() const;

  // From now on nothing changes the elements. Faults: unavailable, where a view may still write.
  // The payload, without a copy.
  Result<Blob> frozen_payload();
  // The record, without a copy, or nullopt where another record was made of this memory: then it has to be
  // copied. Hashes the elements: call it without the GIL.
  Result<std::optional<Blob>> frozen_record(const RecordHeader& header, double expires_unix_ms);

 private:
  BufferMemory(ValueFacts facts, ValueLayout layout);
  std::span<std::byte> record() const;
  std::span<std::byte> payload() const { return record().subspan(record_header_bytes); }
  Result<bool> freeze(double expires_unix_ms);

  ValueFacts facts_;
  ValueLayout layout_;
  std::unique_ptr<std::byte[], void (*)(std::byte*)> bytes_;
  mutable std::mutex mutex_;
  std::size_t lent_ = 0;
  bool frozen_ = false, is_record_ = false;
};

struct Buffer {
  std::shared_ptr<BufferMemory> memory;
};

void bind_buffer(nb::module_& module);

}  // namespace fovea::python
