// SPDX-License-Identifier: Apache-2.0

#include "fork.h"

#include <pthread.h>

namespace fovea::python {

namespace {

std::atomic<std::uint64_t> generation = 0;

// Registered when the module is loaded, before any state is made.
[[maybe_unused]] const int registered = pthread_atfork([] { renewal_mutex().lock(); }, [] { renewal_mutex().unlock(); },
                                                       [] {
                                                         generation.fetch_add(1, std::memory_order_relaxed);
                                                         renewal_mutex().unlock();
                                                       });

}  // namespace

std::uint64_t fork_generation() { return generation.load(std::memory_order_relaxed); }

std::mutex& renewal_mutex() {
  static auto* const mutex = new std::mutex;  // for as long as the process may fork
  return *mutex;
}

}  // namespace fovea::python
