// SPDX-License-Identifier: Apache-2.0

// WaitGraph: who waits for whom among the computations of this process.
//
// Two computations that ask for each other's keys would wait for ever. So each wait for somebody else's
// computation is an edge here while it lasts, and one that would close a circle is refused. What is computed
// waits for its computation, a computation for what it asks for, one that runs on an event loop for that loop,
// and a loop that a call blocks for what the call waits for. Thread-safe. Holds as many edges as there are waits, and knows nothing of Python.
#pragma once

#include <compare>
#include <cstdint>
#include <set>
#include <utility>

#include "base/mutex.h"
#include "fovea/key.h"

namespace fovea::python {

// Who waits, or is waited for: a key of a cache, a computation or an event loop.
struct WaitNode {
  std::uint64_t what = 0;  // an object's address, which is even, or an odd number of its own
  Key key{};               // of a cache

  friend auto operator<=>(const WaitNode&, const WaitNode&) = default;

  static WaitNode at(const void* object, const Key& key = {}) {
    return {reinterpret_cast<std::uintptr_t>(object), key};
  }
  // One that nobody else has ever been.
  static WaitNode unique();
};

class WaitGraph {
 public:
  // That of this process: a child of fork() has none of its parent's waits.
  static WaitGraph& here();

  // `from` waits for `to` from now on. False, and nothing is added, where `to` waits for `from` already, also
  // through others.
  bool add(const WaitNode& from, const WaitNode& to);
  // It does not any more. Nothing happens where it did not.
  void remove(const WaitNode& from, const WaitNode& to);
  // It waits for nobody any more.
  void remove_all(const WaitNode& from);

 private:
  bool leads(const WaitNode& begin, const WaitNode& end) const FOVEA_REQUIRES(mutex_);

  Mutex mutex_;
  std::multiset<std::pair<WaitNode, WaitNode>> waits_ FOVEA_GUARDED_BY(mutex_);  // who waits for whom
};

}  // namespace fovea::python
