// Asker: asks one subject the requests of a script, as a client would: what was said in a conversation before goes with every turn.
// Thread-safe, as long as the turns of a conversation come one after another.
#pragma once

#include <map>
#include <stop_token>
#include <vector>

#include "base/mutex.h"
#include "eval/bench_record.h"
#include "eval/picture_shelf.h"
#include "eval/script.h"
#include "eval/subject.h"

namespace fovea {

class Asker {
 public:
  // Borrows all.
  Asker(Subject& subject, const Scenario& scenario, PictureShelf& shelf)
      : subject_(subject), scenario_(scenario), shelf_(shelf) {}

  Subject& subject() { return subject_; }

  // What the answer took, or why there was none (in the record). What is said in the conversation comes from `said`, which is this Asker or, for
  // a subject that is not asked everything, another one. Faults: those of the shelf.
  Result<BenchRecord> ask(const ScriptRequest& request, const Asker& said, const std::stop_token& stop);
  // The answer to `request`, which ask() was given, becomes part of the conversation.
  void remember(const ScriptRequest& request);
  // Conversations begin anew.
  void forget();

 private:
  struct Conversation {
    std::vector<Message> messages;
    std::vector<Source> sources;
  };
  Result<Conversation> with_turn(const ScriptRequest& request) const;

  Subject& subject_;
  const Scenario& scenario_;
  PictureShelf& shelf_;
  mutable Mutex mutex_;
  std::map<std::uint32_t, Conversation> conversations_ FOVEA_GUARDED_BY(mutex_);  // as far as they were remembered
  std::map<std::uint32_t, Conversation> asked_ FOVEA_GUARDED_BY(mutex_);          // with the last answer
};

}  // namespace fovea
