// exit_code_of: says on standard error what failed, and the exit code for it: 2 for what was written
// wrong, 130 for an interrupt, 1 for the rest. Thread-safe.
#pragma once

#include <cstdio>
#include <print>

#include "fovea/result.h"

namespace fovea::app {

inline int exit_code_of(const Error& error) {
  std::println(stderr, "fovea: {}", error.message);
  if (error.fault == Fault::cancelled) return 130;
  return error.fault == Fault::invalid ? 2 : 1;
}

}  // namespace fovea::app
