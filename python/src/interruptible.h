// SPDX-License-Identifier: Apache-2.0

// interruptible: waits that Ctrl-C ends.
//
// Python's signal handlers run on the main thread alone, and only where that asks for them. So there a wait is
// made in slices, between which it asks. Other threads wait at once for as long as it takes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "python.h"

namespace fovea::python {

constexpr std::chrono::milliseconds signal_slice{200};

inline bool is_main_thread() {
  const nb::object main = nb::module_::import_("threading").attr("main_thread")();
  return nb::cast<unsigned long>(main.attr("ident")) == PyThread_get_thread_ident();
}

// Raises what a signal handler raised.
inline void check_signals() {
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
}

// wait(token) without the GIL, again and again while `is_unfinished(result)` and nothing was raised. It ends
// soon after a stop is requested by the token.
template <typename Wait, typename IsUnfinished>
auto interruptible(const Wait& wait, const IsUnfinished& is_unfinished) {
  if (!is_main_thread()) {
    const nb::gil_scoped_release released;
    return wait(std::stop_token());
  }
  for (;;) {
    auto result = [&] {
      const nb::gil_scoped_release released;
      std::stop_source slice;
      const std::jthread timer([&slice](const std::stop_token& done) {
        std::mutex mutex;
        std::condition_variable_any ended;
        std::unique_lock lock(mutex);
        ended.wait_for(lock, done, signal_slice, [] { return false; });
        slice.request_stop();
      });
      return wait(slice.get_token());
    }();
    if (!is_unfinished(result)) return result;
    check_signals();
  }
}

}  // namespace fovea::python
