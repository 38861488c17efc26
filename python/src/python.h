// SPDX-License-Identifier: Apache-2.0

// What every source of the extension module includes: nanobind, and the short name of its namespace.
//
// All casters of the standard library's types are included here: a source that lacked one would silently get
// another definition of the same template.
//
// Rules of this folder. A Python object is touched by who holds the GIL alone. Whatever may wait (a tier, a
// computation of somebody else, a copy of many bytes) is done without it. No Blob owns a Python object: its
// last owner may be a level that holds a lock.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <cstddef>

namespace nb = nanobind;

namespace fovea::python {

// Copying or hashing fewer bytes takes less than giving up the GIL and getting it back from other threads.
constexpr std::size_t bytes_worth_releasing = std::size_t{64} << 10;

// Releases the GIL where `bytes` are worth it.
class ReleaseFor {
 public:
  explicit ReleaseFor(std::size_t bytes) : state_(bytes >= bytes_worth_releasing ? PyEval_SaveThread() : nullptr) {}
  ~ReleaseFor() {
    if (state_ != nullptr) PyEval_RestoreThread(state_);
  }
  ReleaseFor(const ReleaseFor&) = delete;
  ReleaseFor& operator=(const ReleaseFor&) = delete;

 private:
  PyThreadState* state_;
};

}  // namespace fovea::python
