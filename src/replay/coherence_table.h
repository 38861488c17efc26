// CoherenceTable: the importance of an embedding follows the importance of the answers about it (the paper,
// eq. 3).
//
//   I_emb(t+1) = a I_emb(t) + (1 - a) max over its responses q of I_out(q),   a = 0.7,
//
// when one of its responses is stored or found, and a fifth more, up to 1, when it is found. It does for the
// dense keys of a trace what Coherence does for Levels. It owns nothing: the caches must outlive it. Not
// thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cache/exact_cache.h"
#include "trace/trace.h"

namespace fovea {

class CoherenceTable {
 public:
  CoherenceTable(const Trace& trace, ExactCache& embeddings, ExactCache& responses);

  // The response of `response`, which names its embedding, was stored, or found. REQUIRES: it is in the
  // cache.
  void stored(const Lookup& response) { update(response, 1.0F); }
  void hit(const Lookup& response) { update(response, found_boost); }

 private:
  static constexpr float kept_share = 0.7F;
  static constexpr float found_boost = 1.2F;
  static constexpr std::size_t related_max = 16;  // the most recent responses of an embedding, which are followed

  struct Related {
    std::array<std::uint32_t, related_max> responses;
    std::uint8_t count = 0;
    std::uint8_t next = 0;  // the one that the next new response replaces
  };

  void update(const Lookup& response, float boost);
  Related& remember(const Lookup& response);

  ExactCache* embeddings_;
  ExactCache* responses_;
  std::vector<std::uint32_t> slot_of_;  // per key: its index in related_, if a response is related to it
  std::vector<Related> related_;
};

}  // namespace fovea
