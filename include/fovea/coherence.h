// SPDX-License-Identifier: Apache-2.0

// Coherence: updates an embedding's importance from the responses made from it (the paper's cross-modal
// coherence, equation 3).
//
// The model's attention says how important a response is. A stored embedding has no attention of its own.
// Coherence relates the two levels. When a response is stored, each of its embeddings moves towards its most
// important response:
//   I_emb(t+1) = alpha * I_emb(t) + (1 - alpha) * max over its stored responses q of I_out(q)   (3)
// When a response is used again, the importance of its embeddings grows by 20 %, to at most 1. The
// importances live in the levels, where policies see them. The relations live here. They are bounded, and
// they outlast the entries of both levels: an embedding that was evicted and stored again gets its importance
// from its responses. A hit does not wait for any of this: the caller calls accessed() after it has sent the
// response. Thread-safe. Coherence does not own the levels; both must outlive it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "fovea/key.h"
#include "fovea/level.h"

namespace fovea {

// The factors of the paper, and how many relations are kept.
struct CoherenceOptions {
  float alpha = 0.7F;                           // how much of its own importance an embedding keeps; [0, 1]
  float boost = 1.2F;                           // factor on an importance when a response is used
  std::size_t responses_max = 65536;            // responses with relations at a time; the oldest are dropped
  std::size_t embeddings_a_response_max = 64;   // further ones are not related; few images have more tiles
  std::size_t responses_an_embedding_max = 64;  // the oldest are dropped; few images have more
};

class Coherence {
 public:
  // Relates the entries of two levels. It changes their importances, and nothing else.
  Coherence(Level& embeddings, Level& responses, const CoherenceOptions& options = {});
  ~Coherence();

  // Records that `response` was stored with `importance` and was made from the embeddings `made_from`, and
  // applies equation 3. Cost: O(related entries).
  void stored(const Key& response, float importance, std::span<const Key> made_from);

  // Records that `response` was used, and boosts its embeddings. Cost: O(its embeddings).
  void accessed(const Key& response);

  // The importance to store `embedding` with: the greatest of its responses that are stored now, or 0.5 where
  // none is.
  float importance_of(const Key& embedding) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fovea
