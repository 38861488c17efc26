// Approach: two tables. One tells what each response was made from, with its importance; the other which
// responses each embedding has. A response that its level has removed is noticed when its embedding's
// importance is computed, and does not count then. Its relation is dropped when it is the oldest. So no entry
// has to tell Coherence that it is removed, and either side may be evicted first.
// Locks: Coherence's own, then those of the levels, which never call back.
#include "fovea/coherence.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"

namespace fovea {

namespace {

constexpr float unknown_importance = 0.5F;

struct Relation {
  float importance;
  std::vector<Key> made_from;
};

}  // namespace

struct Coherence::State {
  Level& embeddings;
  Level& responses;
  const CoherenceOptions options;
  Mutex mutex;
  std::unordered_map<Key, Relation, KeyHash> relations FOVEA_GUARDED_BY(mutex);  // by response
  std::unordered_map<Key, std::vector<Key>, KeyHash> responses_of
      FOVEA_GUARDED_BY(mutex);                           // by embedding, oldest first
  std::deque<Key> oldest_first FOVEA_GUARDED_BY(mutex);  // of relations

  void drop(const Key& response) FOVEA_REQUIRES(mutex) {
    const auto relation = relations.find(response);
    if (relation == relations.end()) return;
    for (const Key& embedding : relation->second.made_from) {
      const auto list = responses_of.find(embedding);
      if (list == responses_of.end()) continue;
      std::erase(list->second, response);
      if (list->second.empty()) responses_of.erase(list);
    }
    relations.erase(relation);
  }

  void relate(const Key& response, float importance, std::span<const Key> made_from) FOVEA_REQUIRES(mutex) {
    if (const auto known = relations.find(response); known != relations.end()) {
      known->second.importance = importance;
      return;
    }
    if (oldest_first.size() == options.responses_max) {
      drop(oldest_first.front());
      oldest_first.pop_front();
    }
    oldest_first.push_back(response);
    std::vector<Key>& related = relations.emplace(response, Relation{importance, {}}).first->second.made_from;
    for (const Key& embedding : made_from) {
      if (related.size() == options.embeddings_a_response_max) break;
      if (std::ranges::contains(related, embedding)) continue;  // an image may have the same tile twice
      related.push_back(embedding);
      std::vector<Key>& list = responses_of[embedding];
      if (list.size() == options.responses_an_embedding_max) list.erase(list.begin());
      list.push_back(response);
    }
  }

  // The greatest importance among the responses of `embedding` that are stored; nullopt if there is none.
  std::optional<float> greatest(const Key& embedding) FOVEA_REQUIRES(mutex) {
    const auto list = responses_of.find(embedding);
    if (list == responses_of.end()) return std::nullopt;
    std::optional<float> greatest;
    for (const Key& response : list->second) {
      const auto relation = relations.find(response);
      if (relation == relations.end() || !responses.contains(response)) continue;
      greatest = std::max(greatest.value_or(0), relation->second.importance);
    }
    return greatest;
  }
};

Coherence::Coherence(Level& embeddings, Level& responses, const CoherenceOptions& options)
    : state_(std::make_unique<State>(embeddings, responses, options)) {}
Coherence::~Coherence() = default;

void Coherence::stored(const Key& response, float importance, std::span<const Key> made_from) {
  if (state_->options.responses_max == 0) return;
  MutexLock lock(state_->mutex);
  state_->relate(response, importance > 0 ? std::min(importance, 1.0F) : 0, made_from);  // NaN counts as 0
  const float alpha = state_->options.alpha;
  for (const Key& embedding : state_->relations.at(response).made_from) {
    const auto own = state_->embeddings.importance(embedding);
    const auto greatest = state_->greatest(embedding);
    if (own && greatest) state_->embeddings.set_importance(embedding, alpha * *own + (1 - alpha) * *greatest);
  }
}

void Coherence::accessed(const Key& response) {
  MutexLock lock(state_->mutex);
  const auto relation = state_->relations.find(response);
  if (relation == state_->relations.end()) return;
  for (const Key& embedding : relation->second.made_from) {
    if (const auto own = state_->embeddings.importance(embedding))
      state_->embeddings.set_importance(embedding, std::min(1.0F, *own * state_->options.boost));
  }
}

float Coherence::importance_of(const Key& embedding) const {
  MutexLock lock(state_->mutex);
  return state_->greatest(embedding).value_or(unknown_importance);
}

}  // namespace fovea
