#include "engine/llama/engine_thread.h"

#include <algorithm>
#include <future>
#include <utility>

#include "base/check.h"

namespace fovea::llama {

EngineThread::EngineThread() : thread_([this] { loop(); }) {}

EngineThread::~EngineThread() {
  {
    MutexLock lock(mutex_);
    check(looks_.empty(), "nobody is in a call of an engine that ends");
    ending_ = true;
  }
  work_came_.notify_all();
  thread_.join();
}

void EngineThread::decode_with(std::function<bool()> step) {
  run([&] { step_ = std::move(step); });
}

void EngineThread::run(const std::function<void()>& task) {
  std::promise<void> done;
  post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

void EngineThread::post(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  work_came_.notify_one();
}

void EngineThread::wake() {
  {
    MutexLock lock(mutex_);
    woken_ = true;
  }
  work_came_.notify_one();
}

Result<double> EngineThread::look(const Caller& caller, const std::function<void()>& work) {
  Look look{caller, work};
  const std::stop_callback on_stop(caller.stop, [this] { wake(); });
  MutexLock lock(mutex_);
  looks_.push_back(&look);
  work_came_.notify_one();
  while (!look.done) look_ended_.wait(mutex_);
  if (look.cancelled) return fail(Fault::cancelled, "stopped before the picture was encoded");
  return look.took_ms;
}

std::size_t EngineThread::looks() const {
  MutexLock lock(mutex_);
  return looks_.size();
}

void EngineThread::loop() {
  for (;;) {
    run_tasks();
    if (Look* look = next_look()) {
      take_look(*look);
      continue;
    }
    if (step_()) continue;
    MutexLock lock(mutex_);
    while (!woken_ && !ending_ && tasks_.empty() && looks_.empty()) work_came_.wait(mutex_);
    woken_ = false;
    if (ending_ && tasks_.empty()) return;
  }
}

void EngineThread::run_tasks() {
  for (;;) {
    std::function<void()> task;
    {
      MutexLock lock(mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

std::vector<Flow> EngineThread::flows() const {
  std::vector<Flow> flows;
  for (const Look* look : looks_) flows.push_back({look->caller.tenant, look->caller.request});
  return flows;
}

EngineThread::Look* EngineThread::next_look() {
  MutexLock lock(mutex_);
  drop_stopped_looks();
  return looks_.empty() ? nullptr : looks_[share_.next(flows())];
}

void EngineThread::drop_stopped_looks() {
  const auto stopped = [this](Look* look) {
    if (look == at_work_ || !look->caller.stop.stop_requested()) return false;
    look->cancelled = look->done = true;
    return true;
  };
  if (std::erase_if(looks_, stopped) > 0) look_ended_.notify_all();
}

void EngineThread::take_look(Look& look) {
  at_work_ = &look;
  last_breath_ms_ = Clock::steady().now_ms();
  look.work();
  breathe();
  at_work_ = nullptr;
  MutexLock lock(mutex_);
  share_.charge({look.caller.tenant, look.caller.request}, flows(), look.took_ms);
  std::erase(looks_, &look);
  look.cancelled = look.caller.stop.stop_requested();
  look.done = true;
  look_ended_.notify_all();
}

bool EngineThread::breathe() {
  const double had_ms = Clock::steady().now_ms() - last_breath_ms_;
  at_work_->took_ms += had_ms;
  const Stopwatch others;
  do {
    run_tasks();
  } while (step_() && others.elapsed_ms() < had_ms);
  {
    MutexLock lock(mutex_);
    drop_stopped_looks();
  }
  last_breath_ms_ = Clock::steady().now_ms();
  return !at_work_->caller.stop.stop_requested();
}

}  // namespace fovea::llama
