// SPDX-License-Identifier: Apache-2.0

#include "encode.h"

#include "buffer.h"
#include "errors.h"
#include "value.h"
#include "value_source.h"

namespace fovea::python {

namespace {

// A buffer that may still be changed is Python's BufferError, as for bytearray.
template <typename T>
T unless_lent(Result<T> frozen) {
  if (!frozen) raise(PyExc_BufferError, frozen.error().message);
  return *std::move(frozen);
}

}  // namespace

std::optional<Blob> payload_of(nb::handle value, std::uint64_t bytes_max) {
  if (nb::isinstance<Value>(value)) {
    const Value& stored = ready<Value>(value);
    if (stored.is_whole) return stored.payload;
  }
  if (nb::isinstance<Buffer>(value)) return unless_lent(ready<Buffer>(value).memory->frozen_payload());
  const ValueSource source = ValueSource::of(value, 0);
  if (source.payload_bytes() > bytes_max) return std::nullopt;
  const ReleaseFor released(source.payload_bytes());
  return Blob::filled(source.payload_bytes(), [&](std::span<std::byte> payload) { source.write(payload); });
}

std::optional<Blob> record_of(nb::handle value, std::uint64_t bytes_max, const RecordHeader& header,
                              double expires_unix_ms) {
  if (nb::isinstance<Buffer>(value)) {
    const std::shared_ptr<BufferMemory> memory = ready<Buffer>(value).memory;
    const auto frozen = [&] {
      const ReleaseFor released(memory->elements().size());
      return memory->frozen_record(header, expires_unix_ms);
    }();
    if (auto record = unless_lent(frozen)) return *std::move(record);
  }
  const ValueSource source = ValueSource::of(value, expires_unix_ms);
  if (source.payload_bytes() > bytes_max) return std::nullopt;
  const ReleaseFor released(source.payload_bytes());
  return encode_record(header, source.payload_bytes(), [&](std::span<std::byte> payload) { source.write(payload); });
}

}  // namespace fovea::python
