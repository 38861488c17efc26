// Client: asks one target the requests of a script, as a client would: what was said in a conversation before goes with every turn.
// Thread-safe, as long as the turns of a conversation come one after another.
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

  // What the answer took, or why there was none (in the record). What is said in the conversation comes from `said`, which is this Client or, for
  // a target that is not asked everything, another one. Faults: those of the pictures.
  Result<BenchRecord> ask(const ScriptRequest& request, const Client& said, const std::stop_token& stop);
  // The answer to `request`, which ask() was given, becomes part of the conversation.
  void remember(const ScriptRequest& request);
  // Conversations begin anew.
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
