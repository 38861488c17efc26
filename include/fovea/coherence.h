// SPDX-License-Identifier: Apache-2.0

// Coherence: what the answers about a picture say of its embeddings (the paper's cross-modal coherence, equation 3).
//
// An embedding has no attention of its own once it is stored, but the responses made from it have. Coherence relates the two:
// when a response is stored, each embedding it came from moves towards the most important of its responses,
//   I_emb(t+1) = alpha * I_emb(t) + (1 - alpha) * max over its stored responses q of I_out(q)          (equation 3)
// and when a response is used again its embeddings gain 20 %, to at most 1. Importances live in the levels, so policies see them;
// relations live here, bounded, and outlast the entries on both sides: an embedding that was evicted and comes back is as important
// as its responses say. Not on the way of a hit: the caller calls accessed() after the response is out.
// Thread-safe. Does not own the levels, which must outlive it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "fovea/key.h"
#include "fovea/level.h"

namespace fovea {

// The factors of the paper, and how many relations are kept.
struct CoherenceOptions {
  float alpha = 0.7F;                 // how much of its own importance an embedding keeps; [0, 1]
  float boost = 1.2F;                 // what an embedding's importance is multiplied by when a response of it is used
  std::size_t responses_max = 65536;  // pairs at a time; the oldest are forgotten
  std::size_t embeddings_a_response_max = 64;   // more are not related: a picture has rarely more tiles
  std::size_t responses_an_embedding_max = 64;  // the oldest are forgotten: the question pool of a picture is smaller
};

class Coherence {
 public:
  // Relates the entries of two levels. It changes their importances and nothing else.
  Coherence(Level& embeddings, Level& responses, const CoherenceOptions& options = {});
  ~Coherence();

  // `response`, of the importance given, was stored; it came from `made_from`. Equation 3. Cost: O(related entries).
  void stored(const Key& response, float importance, std::span<const Key> made_from);

  // `response` was used. The boost. Cost: O(its embeddings).
  void accessed(const Key& response);

  // The importance to store `embedding` with: the greatest of its responses that are stored now, or 0.5 when it has none.
  float importance_of(const Key& embedding) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fovea
