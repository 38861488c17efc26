// The schedule says when something ends next, if nothing is added. So there is one alarm at that time; one
// that was set before something was added finds that it does not count any more. A clock that rounds may be a
// little before that time when the alarm comes: the schedule then goes on to it all the same, or there would
// be one alarm after another.
#include "cluster/node/simulated_device.h"

#include <algorithm>

#include "base/check.h"

namespace fovea {

SimulatedDevice::SimulatedDevice(Timeline& timeline, const ModelledTimes& times, std::uint32_t slots)
    : timeline_(timeline), schedule_(times), slots_free_(slots) {
  check(slots > 0, "a device has a slot");
}

void SimulatedDevice::add(DeviceSchedule::Id id, const Call& call) {
  calls_.emplace(id, call);
  arm();
}

void SimulatedDevice::advance(double now_ms) {
  for (const DeviceSchedule::Ended& ended : schedule_.advance(now_ms)) {
    const auto call = calls_.find(ended.id);
    check(call != calls_.end(), "what ends was asked for");
    (call->second.kind == Work::encoding ? encoding_ms_ : decoding_ms_) += ended.spent_ms;
    timeline_.after(0, [waiting = call->second.waiting] { waiting.resume(); });
    calls_.erase(call);
  }
}

void SimulatedDevice::arm() {
  const std::uint64_t alarm = ++armed_;
  const auto end = schedule_.next_end_ms();
  if (!end) return;
  timeline_.after(*end - timeline_.now_ms(), [this, alarm, end_ms = *end] {
    if (alarm != armed_) return;
    advance(std::max(timeline_.now_ms(), end_ms));
    arm();
  });
}

std::vector<Flow> SimulatedDevice::slot_flows() const {
  std::vector<Flow> flows;
  for (const SlotCall& call : slot_calls_) flows.push_back(call.flow);
  return flows;
}

void SimulatedDevice::admit() {
  while (slots_free_ > 0 && !slot_calls_.empty()) {
    const auto next = slot_calls_.begin() + static_cast<std::ptrdiff_t>(slot_share_.next(slot_flows()));
    timeline_.after(0, [waiting = next->waiting] { waiting.resume(); });
    slot_calls_.erase(next);
    --slots_free_;
  }
}

void SimulatedDevice::release_slot(const Flow& flow, double held_ms) {
  std::vector<Flow> among = slot_flows();
  among.push_back(flow);
  slot_share_.charge(flow, among, std::max(held_ms, 0.0));
  ++slots_free_;
  admit();
}

}  // namespace fovea
