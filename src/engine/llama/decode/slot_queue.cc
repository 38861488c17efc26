#include "engine/llama/decode/slot_queue.h"

#include "base/clock.h"

namespace fovea::llama {

namespace {

Flow flow_of(const SlotTask& task) { return {task.caller.tenant, task.caller.request}; }

}  // namespace

std::vector<Flow> SlotQueue::flows() const {
  std::vector<Flow> flows;
  for (const SlotTask* task : waiting_) flows.push_back(flow_of(*task));
  return flows;
}

SlotTask* SlotQueue::admit() {
  if (waiting_.empty()) return nullptr;
  SlotTask& task = *waiting_[share_.next(flows())];
  const auto acquired = sequences_.acquire(task.layout, task.prefix_hashes, task.cells);
  if (!acquired) return nullptr;
  task.sequence = acquired->sequence;
  task.diverged = acquired->diverged;
  task.prefilled_items = acquired->cached_items;
  task.position = task.layout.position(acquired->cached_items);
  task.acquired_at_ms = Clock::steady().now_ms();
  remove(task);
  return &task;
}

void SlotQueue::release(SlotTask& task, std::uint32_t tokens) {
  const double held_ms = Clock::steady().now_ms() - task.acquired_at_ms;
  auto among = flows();
  among.push_back(flow_of(task));
  share_.charge(among.back(), among, held_ms);
  sequences_.release(*task.sequence, tokens);
}

}  // namespace fovea::llama
