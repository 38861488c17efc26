// SPDX-License-Identifier: Apache-2.0

#include "wait_graph.h"

#include <atomic>
#include <memory>
#include <vector>

#include "fork.h"

namespace fovea::python {

WaitNode WaitNode::unique() {
  static std::atomic<std::uint64_t> next = 1;
  return {next.fetch_add(2, std::memory_order_relaxed), {}};
}

WaitGraph& WaitGraph::here() {
  static auto* const graph = new ForkLocal<WaitGraph>(std::make_shared<WaitGraph>());  // until the process ends
  return graph->here([] { return std::make_shared<WaitGraph>(); });
}

bool WaitGraph::add(const WaitNode& from, const WaitNode& to) {
  MutexLock lock(mutex_);
  if (leads(to, from)) return false;
  waits_.emplace(from, to);
  return true;
}

void WaitGraph::remove(const WaitNode& from, const WaitNode& to) {
  MutexLock lock(mutex_);
  if (const auto place = waits_.find({from, to}); place != waits_.end()) waits_.erase(place);
}

void WaitGraph::remove_all(const WaitNode& from) {
  MutexLock lock(mutex_);
  auto place = waits_.lower_bound({from, {}});
  while (place != waits_.end() && place->first == from) place = waits_.erase(place);
}

bool WaitGraph::leads(const WaitNode& begin, const WaitNode& end) const {
  std::vector<WaitNode> ahead = {begin};
  std::set<WaitNode> seen;
  while (!ahead.empty()) {
    const WaitNode node = ahead.back();
    ahead.pop_back();
    if (node == end) return true;
    if (!seen.insert(node).second) continue;
    for (auto wait = waits_.lower_bound({node, {}}); wait != waits_.end() && wait->first == node; ++wait)
      ahead.push_back(wait->second);
  }
  return false;
}

}  // namespace fovea::python
