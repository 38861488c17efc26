// The loop runs all posted tasks, then the encode whose turn it is, then steps of the decoder; it sleeps when
// there is nothing to do. While an encode runs, its yields do the rest of the loop's work. The encode that is
// served next is chosen by FairShare, which is charged with the time that encodes really took. An encode task
// lives on its caller's stack; the caller waits until `done`, so the pointers in encode_tasks_ are valid.
//
// Rejected: a thread for the encoder and one for the decoder (two OpenMP teams, see the header).
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
    check(encode_tasks_.empty(), "no call is in progress when the engine ends");
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

Result<double> EngineThread::encode(const Caller& caller, const std::function<void()>& work) {
  EncodeTask encode{caller, work};
  const std::stop_callback on_stop(caller.stop, [this] { wake(); });
  MutexLock lock(mutex_);
  encode_tasks_.push_back(&encode);
  work_came_.notify_one();
  while (!encode.done) encode_ended_.wait(mutex_);
  if (encode.cancelled) return fail(Fault::cancelled, "stopped before the picture was encoded");
  return encode.took_ms;
}

std::size_t EngineThread::waiting_encodes() const {
  MutexLock lock(mutex_);
  return encode_tasks_.size();
}

void EngineThread::loop() {
  for (;;) {
    run_tasks();
    if (EncodeTask* encode = next_encode()) {
      run_encode(*encode);
      continue;
    }
    if (step_()) continue;
    MutexLock lock(mutex_);
    while (!woken_ && !ending_ && tasks_.empty() && encode_tasks_.empty()) work_came_.wait(mutex_);
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
  for (const EncodeTask* encode : encode_tasks_) flows.push_back({encode->caller.tenant, encode->caller.request});
  return flows;
}

EngineThread::EncodeTask* EngineThread::next_encode() {
  MutexLock lock(mutex_);
  drop_stopped_encodes();
  return encode_tasks_.empty() ? nullptr : encode_tasks_[share_.next(flows())];
}

void EngineThread::drop_stopped_encodes() {
  const auto stopped = [this](EncodeTask* encode) {
    if (encode == running_ || !encode->caller.stop.stop_requested()) return false;
    encode->cancelled = encode->done = true;
    return true;
  };
  if (std::erase_if(encode_tasks_, stopped) > 0) encode_ended_.notify_all();
}

void EngineThread::run_encode(EncodeTask& encode) {
  running_ = &encode;
  last_yield_ms_ = Clock::steady().now_ms();
  encode.work();
  yield();
  running_ = nullptr;
  MutexLock lock(mutex_);
  share_.charge({encode.caller.tenant, encode.caller.request}, flows(), encode.took_ms);
  std::erase(encode_tasks_, &encode);
  encode.cancelled = encode.caller.stop.stop_requested();
  encode.done = true;
  encode_ended_.notify_all();
}

bool EngineThread::yield() {
  const double had_ms = Clock::steady().now_ms() - last_yield_ms_;
  running_->took_ms += had_ms;
  const Stopwatch others;
  do {
    run_tasks();
  } while (step_() && others.elapsed_ms() < had_ms);
  {
    MutexLock lock(mutex_);
    drop_stopped_encodes();
  }
  last_yield_ms_ = Clock::steady().now_ms();
  return !running_->caller.stop.stop_requested();
}

}  // namespace fovea::llama
