// Entry: a stored value as a simulation has it: which one it is, what it weighs, and what it cost. Plain
// values; pure functions.
#pragma once

#include <cstdint>

#include "store/record.h"
#include "trace/mixed_bits.h"
#include "trace/trace.h"

namespace fovea {

// A request about one picture. Pictures have one number each in the whole fleet, whoever asks about them.
struct FleetRequest {
  std::uint64_t number = 0;
  std::uint64_t picture = 0;
  std::uint32_t question = 0;  // a question of the picture's pool
  std::uint32_t session = 0;   // 0 = none
  std::uint32_t tenant = 0;    // 0 = the load's own, above: a noisy one
};

struct StoredEntry {
  RecordKind kind = RecordKind::embedding;
  std::uint64_t key = 0;      // 64 uniform bits: of kind, kernels, and what the value is made from
  double cost_ms = 0;         // of computing it
  std::uint64_t bytes = 0;    // in a tier, and on the way there
  std::uint64_t charged = 0;  // in memory
};

// As policies are told them: of a request, the answer, the state and the embeddings differ.
inline std::uint8_t level_of(RecordKind kind) {
  if (kind == RecordKind::response) return static_cast<std::uint8_t>(TraceLevel::response);
  if (kind == RecordKind::prefix) return static_cast<std::uint8_t>(TraceLevel::prefix);
  return static_cast<std::uint8_t>(TraceLevel::embedding);
}

// Values of nodes with different kernels have different keys. `question` counts for responses alone.
inline std::uint64_t entry_key(RecordKind kind, std::uint32_t kernels, std::uint64_t picture,
                               std::uint32_t question = 0) {
  const std::uint64_t made_by = (std::uint64_t{kernels} << 8) | static_cast<std::uint64_t>(kind);
  return mixed_bits(mixed_bits(mixed_bits(made_by) ^ picture) ^ question);
}

}  // namespace fovea
