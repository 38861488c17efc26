// PurgeLog: what all processes that share a tier purged from it, in order, so that each can remove it from
// its own memory and disk.
//
// A log reaches back some thousands of purges. Whoever comes later than that is told so. Thread-safe. A call
// may block.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fovea/result.h"
#include "store/purge_label.h"
#include "store/wait_limits.h"

namespace fovea {

class PurgeLog {
 public:
  virtual ~PurgeLog() = default;

  struct News {
    std::vector<PurgeLabel> labels;  // by other processes, the oldest first
    std::string position;            // behind the last of them; where to go on
    bool lost = false;               // what followed the position that was asked for is not known any more
    bool more = false;               // there is more behind the position
  };
  // What was purged since `position`, which an earlier call named; of "", the position behind all that there
  // is, and nothing else. Faults: unavailable; timed_out; cancelled.
  virtual Result<News> after(std::string_view position, const WaitLimits& limits) = 0;
};

}  // namespace fovea
