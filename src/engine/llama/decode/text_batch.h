// TextBatch: the tokens of one llama_decode, of any sequences. Cleared and filled for each step; keeps its
// memory, so that a step seldom allocates. Not thread-safe.
#pragma once

#include <llama.h>

#include <cstdint>
#include <vector>

namespace fovea::llama {

class TextBatch {
 public:
  // Returns the token's row, by which its logits are found.
  std::int32_t add(llama_token token, llama_pos position, llama_seq_id sequence, bool logits) {
    tokens_.push_back(token);
    positions_.push_back(position);
    sequences_.push_back(sequence);
    logits_.push_back(logits ? 1 : 0);
    return size() - 1;
  }
  void clear() {
    tokens_.clear();
    positions_.clear();
    sequences_.clear();
    logits_.clear();
  }
  std::int32_t size() const { return static_cast<std::int32_t>(tokens_.size()); }

  // As the library takes it; valid until the batch changes.
  llama_batch view() {
    counts_.assign(tokens_.size(), 1);
    sequence_lists_.clear();
    for (llama_seq_id& sequence : sequences_) sequence_lists_.push_back(&sequence);
    return {.n_tokens = size(),
            .token = tokens_.data(),
            .embd = nullptr,
            .pos = positions_.data(),
            .n_seq_id = counts_.data(),
            .seq_id = sequence_lists_.data(),
            .logits = logits_.data()};
  }

 private:
  std::vector<llama_token> tokens_;
  std::vector<llama_pos> positions_;
  std::vector<llama_seq_id> sequences_;
  std::vector<std::int8_t> logits_;
  std::vector<std::int32_t> counts_;
  std::vector<llama_seq_id*> sequence_lists_;
};

}  // namespace fovea::llama
