// SPDX-License-Identifier: Apache-2.0

// fovea.Level: a level of the C++ library as a dictionary.
#pragma once

#include <atomic>
#include <memory>

#include "fork.h"
#include "fovea/level.h"
#include "python.h"

namespace fovea::python {

// Thread-safe. A child process made by fork() has an empty one of the same size.
class PyLevel {
 public:
  explicit PyLevel(const LevelOptions& options)
      : options_(options), bytes_max_(options.bytes_max), level_(std::make_shared<Level>(options)) {}

  Level& here() {
    return level_.here([this] {
      LevelOptions options = options_;
      options.bytes_max = bytes_max_;
      return std::make_shared<Level>(options);
    });
  }
  std::uint64_t bytes_max() const { return bytes_max_; }
  void resize(std::uint64_t bytes_max) {
    bytes_max_ = bytes_max;
    here().resize(bytes_max);
  }

 private:
  const LevelOptions options_;
  std::atomic<std::uint64_t> bytes_max_;  // as it was set last
  ForkLocal<Level> level_;
};

void bind_level(nb::module_& module);

}  // namespace fovea::python
