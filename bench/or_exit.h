// or_exit: for benchmark programs, which have nothing to measure where a step fails.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <print>
#include <utility>

#include "fovea/result.h"

namespace fovea::bench {

// The value; or prints the error and ends the program.
template <typename T>
T or_exit(Result<T> result) {
  if (result) return *std::move(result);
  std::println(stderr, "{}", result.error().message);
  std::exit(1);
}

inline void or_exit(const Result<void>& result) {
  if (result) return;
  std::println(stderr, "{}", result.error().message);
  std::exit(1);
}

}  // namespace fovea::bench
