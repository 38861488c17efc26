// Decoder state: what a sequence of the context holds, as bytes that can be put back, checked before they are believed.
//
// Before libllama's own bytes stands a head: what it is, how many positions it covers, and a BLAKE3 of the rest.
// libllama checks types and shapes itself, but trusts lengths. Not thread-safe, as the context is not.
#pragma once

#include <llama.h>

#include <cstdint>
#include <optional>

#include "fovea/blob.h"

namespace fovea::llama {

// The state of `sequence`, which holds the positions below `end`; nullopt if libllama cannot tell it, or
// it takes more than `bytes_max`.
std::optional<Blob> save_state(llama_context& context, llama_seq_id sequence, llama_pos end, std::uint64_t bytes_max);

// Puts the state into `sequence`, in place of all it holds. False if it is damaged, of another context's shape, or does
// not cover exactly the positions below `end`; `sequence` is empty then.
bool restore_state(llama_context& context, llama_seq_id sequence, llama_pos end, const Blob& state);

}  // namespace fovea::llama
