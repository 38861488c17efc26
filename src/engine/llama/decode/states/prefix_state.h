// Prefix state: what a sequence of the context holds, as bytes that can be restored.
//
// A state is copied in pieces of so many positions, so that the decoder's steps run between them: the copy of
// a long prompt would hold up every other slot. Only the copies run on the engine's thread. Memory, checksums
// and checks are the caller's thread's. A head stands before libllama's own bytes and is checked before
// libllama sees them, since libllama checks types and shapes but trusts lengths. A copy in progress is used
// by one thread, and borrows the context.
#pragma once

#include <llama.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "fovea/blob.h"

namespace fovea::llama {

// Runs a part of the work on the engine's thread, and says what it returned; false if it threw.
using OnEngine = std::function<bool(const std::function<bool()>&)>;

// Where a state lies. `spare` is an empty sequence, which is empty again after each part of the work.
struct StatePlace {
  llama_context& context;
  llama_seq_id sequence;
  llama_seq_id spare;
};

// The state of the positions from `begin` to `end`.
struct StatePiece {
  std::int32_t begin = 0;
  std::int32_t end = 0;
  std::uint64_t bytes = 0;
};

// Bytes that were copied and are no Blob yet.
class CopiedState {
 public:
  // Memory for the pieces, all of whose pages are there already.
  CopiedState(std::vector<StatePiece> pieces, llama_pos last);

  const std::vector<StatePiece>& pieces() const { return pieces_; }
  std::span<std::byte> bytes_of(std::size_t piece) const;
  std::size_t size() const { return size_; }  // of the Blob, bytes
  // The state with its head. Hashes all of it.
  Blob sealed() const;

 private:
  std::vector<StatePiece> pieces_;
  llama_pos last_;  // the highest position that the sequence knows
  std::size_t size_;
  std::shared_ptr<std::byte[]> bytes_;
};

// Positions in a piece. On two cores, a step of a small model takes about as long as the copy of these.
constexpr llama_pos piece_positions = 1024;
// All of a sequence in one piece: of a model whose state cannot be divided.
constexpr llama_pos undivided = INT32_MAX;

// The state of the positions below `end`, in pieces of `positions_each`; nullopt if libllama cannot give it,
// or it takes more than `bytes_max` as a Blob. An undivided state is of all that the sequence holds.
std::optional<CopiedState> copy_state(const StatePlace& place, llama_pos end, llama_pos positions_each,
                                      std::uint64_t bytes_max, const OnEngine& on_engine);

// Takes an undivided state that was just copied from the sequence out of it and puts it back, so that it lies
// in the cells as it would have been restored. False if that cannot be done; the sequence is then empty.
bool put_back(const StatePlace& place, const CopiedState& copy, const OnEngine& on_engine);

// Puts the state into the sequence, in place of all that it holds. False if the state is damaged, has the
// shape of another context, or does not cover exactly the positions below `end`; the sequence is then empty.
bool restore_state(const StatePlace& place, llama_pos end, const Blob& state, const OnEngine& on_engine);

}  // namespace fovea::llama
