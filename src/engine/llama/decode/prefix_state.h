// Prefix state: what a sequence of the context holds, as bytes that can be restored.
//
// A head stands before libllama's own bytes: a magic number, how many positions the state covers, and a
// BLAKE3 of the rest. It is checked before libllama sees the bytes, since libllama checks types and shapes
// but trusts lengths. Not thread-safe, as the context is not.
#pragma once

#include <llama.h>

#include <cstdint>
#include <optional>

#include "fovea/blob.h"

namespace fovea::llama {

// The state of the positions below `end` that `sequence` holds; nullopt if libllama cannot give it, or it
// takes more than `bytes_max`. `spare` is an empty sequence, which is empty again afterwards. May throw
// Abort; the sequences are then in an unknown state.
std::optional<Blob> save_prefix(llama_context& context, llama_seq_id sequence, llama_seq_id spare, llama_pos end,
                                std::uint64_t bytes_max);

// Puts the state into `sequence`, in place of all that it holds. False if the state is damaged, has the shape
// of another context, or does not cover exactly the positions below `end`; `sequence` is then empty.
bool restore_state(llama_context& context, llama_seq_id sequence, llama_pos end, const Blob& state);

}  // namespace fovea::llama
