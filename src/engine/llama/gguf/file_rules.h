// File rules: what one model file must have, as data: numbers within bounds, and tensors of a shape.
//
// A check builds a list of rules from what the file states. They are tried in order, and the first broken one
// is reported. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/llama/gguf/gguf_file.h"

namespace fovea::llama {

// Whether something may be absent.
enum class Need : std::uint8_t { optional, required };

// A whole number of the metadata within bounds; in a list (one number for each layer) every element is
// checked.
struct CountRule {
  std::string key;
  std::int64_t min;
  std::int64_t max;
  Need need = Need::required;
};

// A tensor and the shape that other numbers of the file require, row length first; 0 allows any extent. One
// dimension means a norm or bias, which the libraries need as float32; more mean a matrix.
struct TensorRule {
  std::string name;
  std::vector<std::int64_t> shape;
  Need need = Need::required;
};

// Accept a file that keeps all rules. Faults: corrupt, with the numbers.
Result<void> check_counts(const GgufFile& file, std::span<const CountRule> rules);
Result<void> check_tensors(const GgufFile& file, std::span<const TensorRule> rules);

// Accepts a file in which this floating-point number is absent, or finite and in [min, max]. Faults: corrupt.
Result<void> check_number(const GgufFile& file, std::string_view key, double min, double max);

}  // namespace fovea::llama
