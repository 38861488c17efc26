// SPDX-License-Identifier: Apache-2.0

// Computing: a caller's compute function, called from code that holds no GIL and knows no exceptions.
//
// What it raises is kept and raised again, unchanged, once the GIL is back. A function that asks for the key
// that it computes itself would wait for itself forever; that is an error instead.
#pragma once

#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "errors.h"
#include "fovea/blob.h"
#include "fovea/key.h"
#include "fovea/result.h"
#include "python.h"

namespace fovea::python {

class Computing {
 public:
  // Raises where this thread computes `key` of `cache` already.
  Computing(const void* cache, const Key& key) {
    for (const auto& [other, its_key] : keys_of_this_thread()) {
      if (other == cache && its_key == key)
        raise({Fault::invalid, "compute asked for the key that it computes: it would wait for itself", {}});
    }
    keys_of_this_thread().emplace_back(cache, key);
  }
  ~Computing() { keys_of_this_thread().pop_back(); }
  Computing(const Computing&) = delete;
  Computing& operator=(const Computing&) = delete;

  // What `make()` gives, with the GIL held; what it raises is a fault, and kept. Called without the GIL.
  template <typename Make>
  Result<Blob> run(const Make& make) {
    const nb::gil_scoped_acquire gil;
    try {
      return make();
    } catch (...) {
      raised_ = std::current_exception();
    }
    return fail(Fault::cancelled, "the compute function raised an exception");
  }

  // Whether a wait for somebody else's computation was stopped, and may go on.
  bool was_stopped(const Result<Blob>& result) const {
    return !raised_ && !result && result.error().fault == Fault::cancelled;
  }
  // Raises what was kept.
  void raise_again() {
    if (raised_) std::rethrow_exception(std::exchange(raised_, nullptr));
  }

 private:
  static std::vector<std::pair<const void*, Key>>& keys_of_this_thread() {
    static thread_local std::vector<std::pair<const void*, Key>> keys;
    return keys;
  }

  std::exception_ptr raised_;
};

}  // namespace fovea::python
