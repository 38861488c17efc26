// Client: sends the requests of a script to one target, as a chat client does: every turn carries the turns
// before it.
//
// Thread-safe, as long as the turns of one conversation come one after another. Borrows the target, the
// scenario and the pictures.
#pragma once

#include <map>
#include <stop_token>
#include <vector>

#include "base/mutex.h"
#include "bench/raw_results.h"
#include "bench/target.h"
#include "workload/picture_set.h"
#include "workload/script.h"

namespace fovea {

class Client {
 public:
  // Borrows all.
  Client(Target& target, const Scenario& scenario, PictureSet& pictures)
      : target_(target), scenario_(scenario), pictures_(pictures) {}

  Target& target() { return target_; }

  // What the answer took, or why there was none (in the record). The earlier turns come from `said`: this
  // Client, or another one for a target that does not get every request. Faults: those of the pictures.
  Result<BenchRecord> ask(const ScriptRequest& request, const Client& said, const std::stop_token& stop);
  // Makes the answer to `request` a part of its conversation. REQUIRES: ask() was called with it.
  void remember(const ScriptRequest& request);
  // Conversations start again from nothing.
  void purge();

 private:
  struct Conversation {
    std::vector<Message> messages;
    std::vector<ImageSource> sources;
  };
  Result<Conversation> with_turn(const ScriptRequest& request) const;

  Target& target_;
  const Scenario& scenario_;
  PictureSet& pictures_;
  mutable Mutex mutex_;
  std::map<std::uint32_t, Conversation> conversations_ FOVEA_GUARDED_BY(mutex_);  // as far as they were remembered
  std::map<std::uint32_t, Conversation> asked_ FOVEA_GUARDED_BY(mutex_);          // with the last answer
};

}  // namespace fovea
