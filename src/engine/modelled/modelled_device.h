// ModelledDevice: a device that computes nothing and takes as long as a profile says.
//
// Whoever calls it waits until the device has done the caller's work, among the work and the answers of all
// others (DeviceSchedule). It has so many slots, which requests hold from their prompts on, and gives them in
// fair turns. One thread of its own brings the schedule along with the clock. Thread-safe; it borrows what a
// call passes until the call returns, and no call may be in progress when it is destroyed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "engine/caller.h"
#include "engine/fair_share.h"
#include "engine/modelled/device_schedule.h"
#include "engine/modelled/modelled_times.h"
#include "engine/slot.h"
#include "fovea/result.h"

namespace fovea {

class ModelledDevice {
 public:
  // REQUIRES: slots is not 0.
  ModelledDevice(const ModelledTimes& times, std::uint32_t slots);
  ~ModelledDevice();
  ModelledDevice(const ModelledDevice&) = delete;
  ModelledDevice& operator=(const ModelledDevice&) = delete;

  // Waits until `ms` of work are done for the caller: how long the device spent on it. Faults: cancelled.
  Result<double> work(const Caller& caller, double ms);

  // Waits for the tokens of an answer, and calls `on_token` on the caller's thread when each is there; false
  // ends the answer. The result is the answer's share of the device's time, ms. Faults: cancelled.
  Result<double> decode(const Caller& caller, std::uint32_t tokens, const std::function<bool()>& on_token);

  // Waits for a slot, for so many tokens of prompt and answer. Faults: cancelled.
  Result<void> acquire_slot(const Caller& caller, std::uint32_t tokens);
  // REQUIRES: the caller has one for these tokens, and held it for `held_ms`.
  void release_slot(const Caller& caller, std::uint32_t tokens, double held_ms);
  // How many are held, and for how many tokens on the average of all slots.
  SlotUse slot_use() const;

 private:
  // A call that waits for its work or its answer. It lies on the caller's stack.
  struct Call {
    std::condition_variable_any changed;
    bool ended = false;
    double spent_ms = 0;
    double wakes_at = 0;  // of an answer: so many tokens left
  };
  struct SlotCall {
    Flow flow;
    bool admitted = false;
  };

  void loop();
  double advance() FOVEA_REQUIRES(mutex_);
  void wake_answers(double now_ms) FOVEA_REQUIRES(mutex_);
  double next_ms() const FOVEA_REQUIRES(mutex_);
  void give_up(DeviceSchedule::Id id, Call& call) FOVEA_REQUIRES(mutex_);
  bool has_token(DeviceSchedule::Id id, const Call& call) const FOVEA_REQUIRES(mutex_);
  // Waits until an answer has its next token; false once the caller is to stop.
  bool await_token(DeviceSchedule::Id id, Call& call, const std::stop_token& stop);
  void admit() FOVEA_REQUIRES(mutex_);
  std::vector<Flow> slot_flows() const FOVEA_REQUIRES(mutex_);

  const std::uint32_t slots_;
  mutable Mutex mutex_;
  std::condition_variable_any plan_changed_;  // for the device's thread
  std::condition_variable_any slot_given_;
  DeviceSchedule schedule_ FOVEA_GUARDED_BY(mutex_);
  std::unordered_map<DeviceSchedule::Id, Call*> works_ FOVEA_GUARDED_BY(mutex_);
  std::unordered_map<DeviceSchedule::Id, Call*> answers_ FOVEA_GUARDED_BY(mutex_);
  FairShare slot_share_ FOVEA_GUARDED_BY(mutex_);
  std::vector<SlotCall*> slot_calls_ FOVEA_GUARDED_BY(mutex_);  // in order of arrival
  std::uint32_t held_ FOVEA_GUARDED_BY(mutex_) = 0;
  std::uint64_t held_tokens_ FOVEA_GUARDED_BY(mutex_) = 0;
  bool ending_ FOVEA_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last, so that everything else exists when it starts
};

}  // namespace fovea
