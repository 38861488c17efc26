// Between two events nothing changes its speed, so the schedule goes from one end to the next. What is left
// of something is counted down, and not when it will end: that changes whenever something comes or goes.
#include "engine/modelled/device_schedule.h"

#include <algorithm>

#include "base/check.h"

namespace fovea {

namespace {

// What is left is lost in the rounding of a clock that has run for years.
constexpr double rest_ms = 1e-5;
constexpr double step_ms_min = 1e-6;  // whatever a profile says

}  // namespace

double DeviceSchedule::speed() const { return running_ && !answers_.empty() ? 0.5 : 1; }

// What a token of each answer takes at the moment. REQUIRES: there are answers.
double DeviceSchedule::token_ms() const {
  const double step = decode_step_ms(times_, static_cast<std::uint32_t>(answers_.size()));
  return std::max(step, step_ms_min) / speed();
}

std::vector<Flow> DeviceSchedule::flows() const {
  std::vector<Flow> flows;
  for (const Work& work : works_) flows.push_back(work.flow);
  return flows;
}

void DeviceSchedule::choose_work() {
  if (!running_ && !works_.empty()) running_ = works_[share_.next(flows())].id;
}

std::vector<DeviceSchedule::Work>::const_iterator DeviceSchedule::running() const {
  return std::ranges::find(works_, *running_, &Work::id);
}

DeviceSchedule::Id DeviceSchedule::add_work(const Flow& flow, double ms) {
  works_.push_back({.id = next_id_, .flow = flow, .ms = ms, .left_ms = ms});
  choose_work();
  return next_id_++;
}

DeviceSchedule::Id DeviceSchedule::add_answer(std::uint32_t tokens) {
  answers_.push_back({.id = next_id_, .left_tokens = static_cast<double>(tokens), .spent_ms = 0});
  return next_id_++;
}

double DeviceSchedule::remove(Id id) {
  if (const auto answer = std::ranges::find(answers_, id, &Answer::id); answer != answers_.end()) {
    const double spent_ms = answer->spent_ms;
    answers_.erase(answer);
    return spent_ms;
  }
  const auto work = std::ranges::find(works_, id, &Work::id);
  if (work == works_.end()) return 0;
  const double spent_ms = std::clamp(work->ms - work->left_ms, 0.0, work->ms);
  share_.charge(work->flow, flows(), spent_ms);
  works_.erase(work);
  if (running_ == id) running_.reset();
  choose_work();
  return spent_ms;
}

std::optional<double> DeviceSchedule::next_end_ms() const {
  std::optional<double> next;
  if (running_) next = now_ms_ + std::max(running()->left_ms, 0.0) / speed();
  if (answers_.empty()) return next;
  const double tokens = std::ranges::min_element(answers_, {}, &Answer::left_tokens)->left_tokens;
  const double end = now_ms_ + std::max(tokens, 0.0) * token_ms();
  return std::min(next.value_or(end), end);
}

double DeviceSchedule::reaches_ms(Id answer, double left) const {
  const auto found = std::ranges::find(answers_, answer, &Answer::id);
  check(found != answers_.end(), "the answer has not ended");
  return now_ms_ + std::max(found->left_tokens - left, 0.0) * token_ms();
}

double DeviceSchedule::tokens_left(Id answer) const {
  const auto found = std::ranges::find(answers_, answer, &Answer::id);
  return found == answers_.end() ? 0 : found->left_tokens;
}

void DeviceSchedule::progress(double ms) {
  if (ms <= 0) return;
  if (!answers_.empty()) {
    const double tokens = ms / token_ms(), share = ms * speed() / static_cast<double>(answers_.size());
    for (Answer& answer : answers_) {
      answer.left_tokens -= tokens;
      answer.spent_ms += share;
    }
  }
  if (running_) std::ranges::find(works_, *running_, &Work::id)->left_ms -= ms * speed();
}

void DeviceSchedule::take_ended(std::vector<Ended>& ended) {
  const double rest_tokens = answers_.empty() ? 0 : rest_ms / token_ms();
  if (running_ && running()->left_ms <= rest_ms) {
    const Work work = *running();
    share_.charge(work.flow, flows(), work.ms);
    works_.erase(running());
    running_.reset();
    ended.push_back({work.id, now_ms_, work.ms});
  }
  std::erase_if(answers_, [&](const Answer& answer) {
    if (answer.left_tokens > rest_tokens) return false;
    ended.push_back({answer.id, now_ms_, answer.spent_ms});
    return true;
  });
}

std::vector<DeviceSchedule::Ended> DeviceSchedule::advance(double now_ms) {
  std::vector<Ended> ended;
  const double until = std::max(now_ms, now_ms_);
  for (;;) {
    const auto end = next_end_ms();
    if (!end || *end > until) break;
    progress(*end - now_ms_);
    now_ms_ = *end;
    take_ended(ended);
    choose_work();
  }
  progress(until - now_ms_);
  now_ms_ = until;
  return ended;
}

}  // namespace fovea
