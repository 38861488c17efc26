// The device's thread sleeps until something ends, or an answer that somebody waits for has a token more, and
// wakes whom that concerns. A caller that adds or gives up work wakes that thread, since everything else then
// ends at other times. What a call is told is when the schedule says that it ended, so a thread that wakes
// late delays its own request and no other.
#include "engine/modelled/modelled_device.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/clock.h"

namespace fovea {

namespace {

constexpr double asleep_ms_max = 60'000;  // nothing needs this: a wait without an end is hard to find

Flow flow_of(const Caller& caller) { return {caller.tenant, caller.request}; }

std::unexpected<Error> stopped() { return fail(Fault::cancelled, "stopped before the device was done"); }

}  // namespace

ModelledDevice::ModelledDevice(const ModelledTimes& times, std::uint32_t slots)
    : slots_(slots), schedule_(times), thread_([this] { loop(); }) {
  check(slots > 0, "a device has a slot");
}

ModelledDevice::~ModelledDevice() {
  {
    MutexLock lock(mutex_);
    check(works_.empty() && answers_.empty() && slot_calls_.empty(), "no call is in progress when the device ends");
    ending_ = true;
  }
  plan_changed_.notify_all();
  thread_.join();
}

void ModelledDevice::loop() {
  MutexLock lock(mutex_);
  while (!ending_) {
    const double now_ms = advance();
    wake_answers(now_ms);
    const double sleep_ms = std::clamp(next_ms() - now_ms, 0.0, asleep_ms_max);
    if (sleep_ms > 0) plan_changed_.wait_for(mutex_, std::chrono::duration<double, std::milli>(sleep_ms));
  }
}

// Brings the schedule to the present, which it returns, and ends the calls that it ended.
double ModelledDevice::advance() {
  const double now_ms = Clock::steady().now_ms();
  for (const DeviceSchedule::Ended& ended : schedule_.advance(now_ms)) {
    auto& calls = works_.contains(ended.id) ? works_ : answers_;
    const auto call = calls.find(ended.id);
    check(call != calls.end(), "what ends was asked for");
    call->second->ended = true;
    call->second->spent_ms = ended.spent_ms;
    call->second->changed.notify_one();
    calls.erase(call);
  }
  return now_ms;
}

void ModelledDevice::wake_answers(double now_ms) {
  for (const auto& [id, call] : answers_)
    if (schedule_.reaches_ms(id, call->wakes_at) <= now_ms) call->changed.notify_one();
}

// When there is something to do next.
double ModelledDevice::next_ms() const {
  double next = schedule_.next_end_ms().value_or(std::numeric_limits<double>::infinity());
  for (const auto& [id, call] : answers_) {
    const double at_ms = schedule_.reaches_ms(id, call->wakes_at);
    if (schedule_.tokens_left(id) > call->wakes_at) next = std::min(next, at_ms);
  }
  return next;
}

void ModelledDevice::give_up(DeviceSchedule::Id id, Call& call) {
  if (call.ended) return;
  call.spent_ms = schedule_.remove(id);
  works_.erase(id);
  answers_.erase(id);
  plan_changed_.notify_one();
}

Result<double> ModelledDevice::work(const Caller& caller, double ms) {
  Call call;
  const std::stop_callback on_stop(caller.stop, [&] {
    MutexLock lock(mutex_);
    call.changed.notify_one();
  });
  MutexLock lock(mutex_);
  advance();
  const DeviceSchedule::Id id = schedule_.add_work(flow_of(caller), std::max(ms, 0.0));
  works_.emplace(id, &call);
  plan_changed_.notify_one();
  while (!call.ended && !caller.stop.stop_requested()) call.changed.wait(mutex_);
  if (call.ended) return call.spent_ms;
  advance();
  give_up(id, call);
  return stopped();
}

// The last token is there when the schedule has ended the answer, and not before by some rounding.
bool ModelledDevice::has_token(DeviceSchedule::Id id, const Call& call) const {
  return call.ended || (call.wakes_at > 0 && schedule_.tokens_left(id) <= call.wakes_at);
}

bool ModelledDevice::await_token(DeviceSchedule::Id id, Call& call, const std::stop_token& stop) {
  MutexLock lock(mutex_);
  if (!has_token(id, call)) plan_changed_.notify_one();
  while (!has_token(id, call) && !stop.stop_requested()) call.changed.wait(mutex_);
  return has_token(id, call);
}

Result<double> ModelledDevice::decode(const Caller& caller, std::uint32_t tokens,
                                      const std::function<bool()>& on_token) {
  if (tokens == 0) return 0;
  Call call{.changed = {}, .wakes_at = tokens - 1.0};
  const std::stop_callback on_stop(caller.stop, [&] {
    MutexLock lock(mutex_);
    call.changed.notify_one();
  });
  const auto begin = [&] {
    MutexLock lock(mutex_);
    advance();
    const DeviceSchedule::Id id = schedule_.add_answer(tokens);
    answers_.emplace(id, &call);
    return id;
  };
  const DeviceSchedule::Id id = begin();
  bool whole = true;
  for (std::uint32_t told = 0; told < tokens; ++told) {
    whole = await_token(id, call, caller.stop);
    if (!whole || !on_token()) break;
    MutexLock lock(mutex_);
    call.wakes_at = std::max(call.wakes_at - 1, 0.0);
  }
  MutexLock lock(mutex_);
  advance();
  give_up(id, call);
  if (!whole) return stopped();
  return call.spent_ms;
}

std::vector<Flow> ModelledDevice::slot_flows() const {
  std::vector<Flow> flows;
  for (const SlotCall* call : slot_calls_) flows.push_back(call->flow);
  return flows;
}

void ModelledDevice::admit() {
  while (held_ < slots_ && !slot_calls_.empty()) {
    const auto next = slot_calls_.begin() + static_cast<std::ptrdiff_t>(slot_share_.next(slot_flows()));
    (*next)->admitted = true;
    slot_calls_.erase(next);
    ++held_;
    slot_given_.notify_all();
  }
}

Result<void> ModelledDevice::acquire_slot(const Caller& caller, std::uint32_t tokens) {
  SlotCall call{.flow = flow_of(caller)};
  const std::stop_callback on_stop(caller.stop, [this] {
    MutexLock lock(mutex_);
    slot_given_.notify_all();
  });
  MutexLock lock(mutex_);
  slot_calls_.push_back(&call);
  admit();
  while (!call.admitted && !caller.stop.stop_requested()) slot_given_.wait(mutex_);
  if (call.admitted) {
    held_tokens_ += tokens;
    return {};
  }
  std::erase(slot_calls_, &call);
  return fail(Fault::cancelled, "stopped while it waited for a slot");
}

void ModelledDevice::release_slot(const Caller& caller, std::uint32_t tokens, double held_ms) {
  MutexLock lock(mutex_);
  std::vector<Flow> among = slot_flows();
  among.push_back(flow_of(caller));
  slot_share_.charge(among.back(), among, std::max(held_ms, 0.0));
  --held_;
  held_tokens_ -= tokens;
  admit();
}

SlotUse ModelledDevice::slot_use() const {
  MutexLock lock(mutex_);
  return {.slots = held_, .tokens = static_cast<std::uint32_t>(held_tokens_ / slots_)};
}

}  // namespace fovea
