// EngineThread: the one thread that calls into the model libraries.
//
// A context of libllama or libmtmd must be used by one thread at a time. Also, OpenMP gives each thread that
// computes its own team of workers, and two teams on the same processors slow each other down. So everything
// that computes runs here, in turns, on all processors. That includes loading: a team that had only loaded
// the model still cost decoding a third of its speed.
//
// There are three kinds of work. Tasks take microseconds to milliseconds and run as soon as a step ends.
// Steps of the decoder run as long as it has any. Encodes take seconds, so they yield() between the parts of
// their graph: tasks run there, and the decoder gets as much time as the encode just had. So neither starves,
// no answer stalls longer than a part of an encode, and an encode can be cancelled in the middle.
//
// Thread-safe except for yield(), which belongs to the engine's thread. No other function may be called on
// that thread. Knows no model. Borrows what it is given until the call returns.
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
  // REQUIRES: no call is in progress.
  ~EngineThread();
  EngineThread(const EngineThread&) = delete;
  EngineThread& operator=(const EngineThread&) = delete;

  // Sets the decoder's step, which computes one step and returns false when there is nothing to do.
  void decode_with(std::function<bool()> step);

  // Runs `task` between two steps. run() returns when it is done, post() at once. `task` must not throw.
  void run(const std::function<void()>& task);
  void post(std::function<void()> task);

  // Runs `work` when it is the caller's turn at the encoder, and returns when it is done: how long it took,
  // ms, without the time in yield().
  // Faults: cancelled, before it began or in yield(); its result must not be used then.
  Result<double> encode(const Caller& caller, const std::function<void()>& work);

  // Lets tasks and the decoder run between two parts of an encode. False when the encode is to be given up.
  // REQUIRES: called by the `work` of an encode, on the engine's thread.
  bool yield();

  // Makes the thread check for work again, because a stop was requested for example.
  void wake();

  // How many calls of encode() are in progress, the running one included.
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
  std::vector<EncodeTask*> encode_tasks_ FOVEA_GUARDED_BY(mutex_);  // the waiting ones and the running one
  bool woken_ FOVEA_GUARDED_BY(mutex_) = false;
  bool ending_ FOVEA_GUARDED_BY(mutex_) = false;
  // Used by the engine's thread alone.
  std::function<bool()> step_ = [] { return false; };
  FairShare share_;
  EncodeTask* running_ = nullptr;
  double last_yield_ms_ = 0;
  std::thread thread_;  // last, so that everything else exists when it starts
};

}  // namespace fovea::llama
