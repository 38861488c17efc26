// Rules about one model file, as data: which numbers and tensors it must have, and between what bounds or in which
// shape.
//
// A check builds a list of rules from what the file states and has them tried in order; the first that is broken is
// reported. Thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/llama/gguf/gguf_file.h"

namespace fovea::llama {

// Whether something may be absent.
enum class Need : std::uint8_t { optional, required };

// A whole number of the metadata; in a list (one for each layer) every element counts.
struct CountRule {
  std::string key;
  std::int64_t min;
  std::int64_t max;
  Need need = Need::required;
};

// A tensor and the shape that other numbers of the file demand, row length first; 0 allows any extent. One dimension
// means a norm or bias, which the libraries add as float32; more mean a matrix.
struct TensorRule {
  std::string name;
  std::vector<std::int64_t> shape;
  Need need = Need::required;
};

// Faults: corrupt, with the numbers.
Result<void> check_counts(const GgufFile& file, std::span<const CountRule> rules);
Result<void> check_tensors(const GgufFile& file, std::span<const TensorRule> rules);

// A floating-point number of the metadata that, if there, is finite and lies in [min, max]. Faults: corrupt.
Result<void> check_number(const GgufFile& file, std::string_view key, double min, double max);

}  // namespace fovea::llama
