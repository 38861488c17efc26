// SPDX-License-Identifier: Apache-2.0

// What a caller stores, as bytes: objects with the buffer protocol, of DLPack, or tuples and lists of these.
#pragma once

#include <cstdint>
#include <optional>

#include "fovea/blob.h"
#include "python.h"
#include "store/record.h"

namespace fovea::python {

// The payload of `value` (value_payload.h); nullopt where it has more than `bytes_max`. Copies the elements
// once; nothing of a Buffer, or of a Value. TypeError, with what is accepted, for anything else; BufferError
// for a Buffer with views that may write.
std::optional<Blob> payload_of(nb::handle value, std::uint64_t bytes_max);

// The same in a record of `header`.
std::optional<Blob> record_of(nb::handle value, std::uint64_t bytes_max, const RecordHeader& header,
                              double expires_unix_ms);

// For what is to be returned however large it is.
constexpr std::uint64_t any_bytes = record_payload_bytes_max;

}  // namespace fovea::python
