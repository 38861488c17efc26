// SlotQueue: the slot tasks that wait for a sequence of the context, and which of them gets the next one.
//
// Tenants get equal shares of the time that slots are held, and so do the requests of a tenant (FairShare).
// Used on the engine's thread only. Borrows the sequences and the tasks.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/fair_share.h"
#include "engine/llama/decode/sequences.h"
#include "engine/llama/decode/slot_task.h"

namespace fovea::llama {

class SlotQueue {
 public:
  explicit SlotQueue(Sequences& sequences) : sequences_(sequences) {}

  void push(SlotTask& task) { waiting_.push_back(&task); }
  // Does nothing if the task does not wait.
  void remove(SlotTask& task) { std::erase(waiting_, &task); }
  // The waiting tasks, in order of arrival.
  const std::vector<SlotTask*>& waiting() const { return waiting_; }

  // Gives a sequence to the task whose turn it is and takes it from the queue. Null if none waits or there is
  // no room for that one: nobody overtakes it, or a large request would never find room.
  SlotTask* admit();

  // Takes the task's sequence back, which holds `tokens`, and charges the time that it was held.
  void release(SlotTask& task, std::uint32_t tokens);

 private:
  std::vector<Flow> flows() const;

  Sequences& sequences_;
  FairShare share_;
  std::vector<SlotTask*> waiting_;
};

}  // namespace fovea::llama
