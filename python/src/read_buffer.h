// SPDX-License-Identifier: Apache-2.0

// ReadBuffer: the bytes of an object with the buffer protocol, held for reading while it lives.
#pragma once

#include <cstddef>
#include <span>

#include "python.h"

namespace fovea::python {

// Made and destroyed by who holds the GIL; its bytes may be read without.
class ReadBuffer {
 public:
  // `flags` as PyObject_GetBuffer takes them. Raises what the object raises.
  ReadBuffer(nb::handle object, int flags) {
    if (PyObject_GetBuffer(object.ptr(), &view_, flags) != 0) throw nb::python_error();
  }
  ~ReadBuffer() { PyBuffer_Release(&view_); }
  ReadBuffer(const ReadBuffer&) = delete;
  ReadBuffer& operator=(const ReadBuffer&) = delete;

  const Py_buffer& view() const { return view_; }
  // REQUIRES: flags that ask for contiguous memory.
  std::span<const std::byte> bytes() const {
    return {static_cast<const std::byte*>(view_.buf), static_cast<std::size_t>(view_.len)};
  }

 private:
  Py_buffer view_{};
};

}  // namespace fovea::python
