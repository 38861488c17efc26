// NodePrefetch: moves what a session is likely to ask for next to a node's memory while the node computes
// nothing: Prefetcher on the virtual clock.
//
// SuccessorTable, PrefetchAccount and KeptTime are the server's own. What Prefetcher does on a thread is done
// here as soon as the node is idle. Not thread-safe. Borrows what it is made with. It lives as long as
// anything waits in it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "cluster/coroutine/task.h"
#include "cluster/network/timeline.h"
#include "cluster/node/entry.h"
#include "cluster/node/node_costs.h"
#include "cluster/node/node_store.h"
#include "prefetch/kept_time.h"
#include "prefetch/prefetch_account.h"
#include "prefetch/prefetch_counts.h"
#include "prefetch/successor_table.h"

namespace fovea {

// What a request looked up of embeddings and prefixes, and where it was found.
struct RequestLookups {
  struct One {
    StoredEntry entry;
    std::optional<TierKind> found;
  };
  std::vector<One> made;
  bool computed = false;  // no answer was stored, or on its way
  double began_ms = 0;
};

class NodePrefetch {
 public:
  // `idle`: whether the node computes nothing now. Where `prefixes` are kept, they are what is moved.
  NodePrefetch(Timeline& timeline, NodeStore& store, const NodeCosts& costs, bool prefixes, std::function<bool()> idle);

  // A request was answered.
  void asked(const FleetRequest& request, const RequestLookups& lookups);
  // The node computes nothing now.
  void became_idle();
  // The node died.
  void stop() { stopped_ = true; }

  PrefetchCounts counts() const { return account_.counts(); }

 private:
  struct Queued {
    SuccessorTable::Prediction prediction;
    Key scope;
    std::uint64_t picture;
    double since_ms;
  };

  StoredEntry moved_entry(std::uint64_t picture) const;
  bool lacks(std::uint64_t picture) const { return !store_.contains(moved_entry(picture)); }
  double wait_ms(std::uint64_t picture) const;
  bool is_worth(std::uint64_t picture, double confidence) const;
  void end_old();
  Task<void> move_all();
  Task<void> move(Queued next);

  Timeline& timeline_;
  NodeStore& store_;
  const NodeCosts& costs_;
  const bool prefixes_;
  const std::function<bool()> idle_;
  SuccessorTable table_;
  PrefetchAccount account_;
  KeptTime kept_;
  std::unordered_map<Key, std::uint64_t, KeyHash> pictures_;  // that were asked for here, by what names them
  std::unordered_map<Key, StoredEntry, KeyHash> entries_;     // that were moved or looked up, likewise
  std::deque<Queued> queue_;
  double ended_old_ms_ = 0;
  bool moving_ = false, stopped_ = false;
};

}  // namespace fovea
