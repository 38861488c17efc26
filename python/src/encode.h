// SPDX-License-Identifier: Apache-2.0

// What a caller stores, as bytes: objects with the buffer protocol, of DLPack, or tuples and lists of these.
#pragma once

#include "fovea/blob.h"
#include "python.h"
#include "store/record.h"

namespace fovea::python {

// The payload of `value` (value_payload.h). Copies the elements once; nothing of a Buffer, or of a Value.
// TypeError, with what is accepted, for anything else; BufferError for a Buffer with views that may write.
Blob payload_of(nb::handle value);

// The same in a record of `header`.
Blob record_of(nb::handle value, const RecordHeader& header, double expires_unix_ms);

}  // namespace fovea::python
