// SPDX-License-Identifier: Apache-2.0

// array_view: an array of Fovea's as the buffer protocol shows it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "python.h"
#include "store/value/value_payload.h"

namespace fovea::python {

// What the buffer protocol calls elements of `type`; null where it has no name for them (bfloat16).
const char* buffer_format(ElementType type);
// The type of elements that the buffer protocol calls `format`, of `itemsize` bytes; nullopt where a value
// cannot have them.
std::optional<ElementType> element_type_of_format(std::string_view format, std::size_t itemsize);

// In bytes, of each dimension. An exporter may leave them out where its array has C order.
std::vector<Py_ssize_t> steps_of(const Py_buffer& view);

// Fills `view` for `exporter`, who keeps `data`; -1 with BufferError set where it cannot be as `flags` ask.
int fill_array_view(Py_buffer* view, int flags, PyObject* exporter, const ArrayShape& shape, void* data,
                    std::size_t bytes, bool is_read_only);
void release_array_view(Py_buffer* view);

}  // namespace fovea::python
