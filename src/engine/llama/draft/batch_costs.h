// BatchCosts: how long a batch of the decoder takes by its rows, as measured so far.
//
// It tells what a batch takes by itself: what else the machine does only adds to that. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>

namespace fovea::llama {

class BatchCosts {
 public:
  // Larger batches are not measured, and not drafted for.
  static constexpr std::size_t rows_max = 64;

  // A batch of `rows` took `ms`.
  void record(std::size_t rows, double ms);
  // What a batch of 1 to rows_max rows takes: measured, or between or beyond what was measured. While nothing
  // was, the unit is a batch of one row.
  double cost(std::size_t rows) const;

 private:
  void approach_guess(std::size_t except);

  std::array<double, rows_max + 1> ms_{};  // 0 = not measured
};

}  // namespace fovea::llama
