// KernelChoice: which kernels compute the large matrix products of a model on the processor, and with which
// numbers. Plain values and pure functions; thread-safe.
//
// oneDNN is two to four times as fast as ggml's own kernels where a product has many rows: pictures and
// prompts. bfloat16 (8 bits of mantissa, float32 sums) is closer to exact than what ggml does with a
// quantised weight, which is to quantise the other factor as well. A weight of more bits is multiplied as
// float32.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fovea/result.h"

namespace fovea::llama {

// What the user wants: automatic (bfloat16 for quantised weights where the processor multiplies it, otherwise
// float32, and ggml where the memory is too small), f32 (always float32), ggml (ggml's own kernels).
enum class KernelChoice : std::uint8_t { automatic, f32, ggml };

// Faults: invalid, for a word that is none of auto, f32, ggml.
Result<KernelChoice> parse_kernel_choice(std::string_view word);

// Whether weights of this type (ggml's number) are multiplied as bfloat16 where the processor does so: those
// that have no more bits than it.
bool packs_as_bfloat16(std::int32_t ggml_type);

// Whether this process may run code that it has written to memory. oneDNN has no fast kernels where it may
// not, and would compute other numbers with slow ones.
bool may_run_written_code();

// Whether this processor multiplies bfloat16 itself.
bool multiplies_bfloat16();

// Names everything about these kernels that can change a number: oneDNN's version, the processor's
// instructions that it uses, and the numbers. A part of fingerprints.
std::string kernel_class(bool bfloat16);

// The most bytes that the repacked weights of both models may take: half of the memory of the machine, or of
// the control group if that is less. It does not depend on what else runs, since the choice of kernels is
// part of fingerprints.
std::uint64_t packed_bytes_max();

}  // namespace fovea::llama
