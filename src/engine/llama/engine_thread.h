// EngineThread: the one thread that calls into the model libraries.
//
// libllama's and libmtmd's contexts are for one thread at a time, and two teams of workers on the same processors
// hinder each other more than they help: OpenMP gives each thread that computes a team of its own. So everything that
// computes runs here, in turns, on all processors, loading included: a team that only loaded the model still cost
// decoding a third of its speed. Three kinds of work: tasks, which take microseconds to milliseconds and run as soon as a
// step ends; steps of the decoder, for as long as it has any to make; and looks through the vision encoder, which take
// seconds. A look is therefore told to yield() between the parts of its graph: tasks run there, and the decoder gets as
// much time as the look just had. So neither starves, no answer stalls longer than a part of an encode, and a look can be
// given up in the middle.
//
// Thread-safe but for yield(). Knows no model. Who calls must not be the engine's thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "engine/caller.h"
#include "engine/fair_share.h"
#include "fovea/result.h"

namespace fovea::llama {

class EngineThread {
 public:
  EngineThread();
  // REQUIRES: nobody is in a call.
  ~EngineThread();
  EngineThread(const EngineThread&) = delete;
  EngineThread& operator=(const EngineThread&) = delete;

  // From now on there is a decoder: `step` makes one step of it; false when it has none to make.
  void decode_with(std::function<bool()> step);

  // Runs `task` between two steps; run() returns when it is done, post() at once. Neither may throw.
  void run(const std::function<void()>& task);
  void post(std::function<void()> task);

  // Runs `work` when it is the caller's turn at the encoder, and returns when it is done: what it took, ms, without its
  // breaths. Faults: cancelled, before it began or in a breath; what it has made by then means nothing.
  Result<double> encode(const Caller& caller, const std::function<void()>& work);

  // Between two parts of a look's work, on the engine's thread: gives way to others. False when the look is to be given
  // up.
  bool yield();

  // Makes the thread look for work again: a stop was requested, say.
  void wake();

  // Callers of look() at the moment.
  std::size_t waiting_encodes() const;

 private:
  struct EncodeTask {
    const Caller& caller;
    const std::function<void()>& work;
    bool done = false;
    bool cancelled = false;
    double took_ms = 0;
  };

  void loop();
  void run_tasks();
  EncodeTask* next_encode();
  void run_encode(EncodeTask& encode);
  void drop_stopped_encodes() FOVEA_REQUIRES(mutex_);
  std::vector<Flow> flows() const FOVEA_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::condition_variable_any work_came_;
  std::condition_variable_any encode_ended_;
  std::deque<std::function<void()>> tasks_ FOVEA_GUARDED_BY(mutex_);
  std::vector<EncodeTask*> encode_tasks_ FOVEA_GUARDED_BY(mutex_);  // waiting, and the one at work
  bool woken_ FOVEA_GUARDED_BY(mutex_) = false;
  bool ending_ FOVEA_GUARDED_BY(mutex_) = false;
  // Of the engine's thread alone.
  std::function<bool()> step_ = [] { return false; };
  FairShare share_;
  EncodeTask* at_work_ = nullptr;
  double last_breath_ms_ = 0;
  std::thread thread_;  // last: everything else is there when it starts
};

}  // namespace fovea::llama
