// The clock's lock guards the list of moments and nothing else. A moment is removed from the list under the
// lock, and its alarm rings without it, because ringing runs stop callbacks, which are foreign code. The
// alarm that rings is shared, so ~Deadline need not wait for it; it only removes its moment from the list if
// that is still there. A moment is found by its time and its alarm's address, which is unique while the
// deadline lives.
//
// The clock sleeps on until the moment that it waits for, also where that is removed meanwhile. So requests
// that come and go with the same time each do not wake it.
#include "base/deadline.h"

namespace fovea {

void DeadlineClock::Alarm::ring(Cause why) {
  Cause before = Cause::none;
  if (cause.compare_exchange_strong(before, why)) stop.request_stop();
}

void DeadlineClock::set(const Moment& moment) {
  MutexLock lock(mutex_);
  moments_.insert(moment);
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& end) { run(end); });
  } else if (moment.first < awaited_) {
    earlier_.notify_one();
  }
}

void DeadlineClock::remove(const Moment& moment) {
  MutexLock lock(mutex_);
  moments_.erase(moment);
}

void DeadlineClock::run(const std::stop_token& end) {
  while (const std::shared_ptr<Alarm> due = wait_for_next(end)) due->ring(Cause::moment);
}

// Waits for the earliest moment and returns its alarm; null when the clock is destroyed.
std::shared_ptr<DeadlineClock::Alarm> DeadlineClock::wait_for_next(const std::stop_token& end) {
  MutexLock lock(mutex_);
  const auto earlier_came = [&]() FOVEA_REQUIRES(mutex_) {
    return !moments_.empty() && moments_.begin()->first < awaited_;
  };
  while (!end.stop_requested()) {
    awaited_ = moments_.empty() ? Time::max() : moments_.begin()->first;
    if (awaited_ <= std::chrono::steady_clock::now()) return moments_.extract(moments_.begin()).value().second;
    if (awaited_ == Time::max())
      earlier_.wait(mutex_, end, earlier_came);
    else
      earlier_.wait_until(mutex_, end, awaited_, earlier_came);
  }
  return nullptr;
}

// The stop callbacks may destroy the deadline, and this object with it, so the alarm is kept alive here.
void Deadline::CallerStopped::operator()() const {
  const std::shared_ptr<DeadlineClock::Alarm> held = alarm;
  held->ring(DeadlineClock::Cause::caller);
}

Deadline::Deadline(DeadlineClock& clock, std::stop_token caller, std::optional<double> ms)
    : clock_(clock),
      alarm_(std::make_shared<DeadlineClock::Alarm>()),
      on_caller_stop_(std::move(caller), CallerStopped{alarm_}) {
  if (!ms || *ms > DeadlineClock::never_ms) return;
  if (!(*ms > 0)) {
    alarm_->ring(DeadlineClock::Cause::moment);
    return;
  }
  const std::chrono::duration<double, std::milli> from_now(*ms);
  const auto time = std::chrono::steady_clock::now() + std::chrono::ceil<std::chrono::steady_clock::duration>(from_now);
  moment_.emplace(time, alarm_);
  clock_.set(*moment_);
}

Deadline::~Deadline() {
  if (moment_) clock_.remove(*moment_);
}

std::stop_token Deadline::token() const { return alarm_->stop.get_token(); }

bool Deadline::passed() const { return alarm_->cause == DeadlineClock::Cause::moment; }

}  // namespace fovea
