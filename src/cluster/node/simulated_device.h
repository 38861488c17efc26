// SimulatedDevice: what a node computes, one thing beside another, on the virtual clock: DeviceSchedule,
// which ModelledEngine drives by the machine's clock, and the slots that requests hold.
//
// Not thread-safe. Borrows the timeline. It lives as long as anybody waits for it.
#pragma once

#include <coroutine>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "cluster/network/timeline.h"
#include "engine/fair_share.h"
#include "engine/modelled/device_schedule.h"
#include "engine/modelled/modelled_times.h"

namespace fovea {

class SimulatedDevice {
 public:
  enum class Work : std::uint8_t { encoding, decoding };

  SimulatedDevice(Timeline& timeline, const ModelledTimes& times, std::uint32_t slots);
  SimulatedDevice(const SimulatedDevice&) = delete;
  SimulatedDevice& operator=(const SimulatedDevice&) = delete;

  // For co_await: `ms` of work for a request, which has no other at the time.
  auto work(const Flow& flow, double ms, Work kind) {
    return Wait{
        [this, flow, ms, kind](std::coroutine_handle<> waiting) { add(schedule_.add_work(flow, ms), {waiting, kind}); },
        *this, ms <= 0};
  }
  // For co_await: an answer.
  auto decode(std::uint32_t tokens) {
    return Wait{[this, tokens](std::coroutine_handle<> waiting) {
                  add(schedule_.add_answer(tokens), {waiting, Work::decoding});
                },
                *this, tokens == 0};
  }
  // For co_await: a slot, in fair turns. Who has it gives it back.
  auto acquire_slot(const Flow& flow) {
    struct SlotWait {
      SimulatedDevice& device;
      Flow flow;

      bool await_ready() const { return false; }
      void await_suspend(std::coroutine_handle<> waiting) const {
        device.slot_calls_.push_back({flow, waiting});
        device.admit();
      }
      void await_resume() const {}
    };
    return SlotWait{*this, flow};
  }
  void release_slot(const Flow& flow, double held_ms);

  // What it spent so far on work that has ended.
  double encoding_ms() const { return encoding_ms_; }
  double decoding_ms() const { return decoding_ms_; }
  // Requests that hold or want a slot, and pieces of work.
  std::size_t waiting() const { return slot_calls_.size() + schedule_.works(); }

 private:
  struct Call {
    std::coroutine_handle<> waiting;
    Work kind;
  };
  struct SlotCall {
    Flow flow;
    std::coroutine_handle<> waiting;
  };
  template <typename Begin>
  struct Wait {
    Begin begin;
    SimulatedDevice& device;
    bool nothing;

    bool await_ready() const { return nothing; }
    void await_suspend(std::coroutine_handle<> waiting) {
      device.advance(device.timeline_.now_ms());
      begin(waiting);
    }
    void await_resume() const {}
  };
  template <typename Begin>
  Wait(Begin, SimulatedDevice&, bool) -> Wait<Begin>;

  void add(DeviceSchedule::Id id, const Call& call);
  void advance(double now_ms);
  void arm();
  void admit();
  std::vector<Flow> slot_flows() const;

  Timeline& timeline_;
  DeviceSchedule schedule_;
  std::unordered_map<DeviceSchedule::Id, Call> calls_;
  std::uint64_t armed_ = 0;  // of the alarms that were set, the one that counts
  FairShare slot_share_;
  std::vector<SlotCall> slot_calls_;  // in order of arrival
  std::uint32_t slots_free_;
  double encoding_ms_ = 0, decoding_ms_ = 0;
};

}  // namespace fovea
