// HandlerPool: threads that run handlers, which may wait for the model. Thread-safe. Its destructor waits for
// the tasks that run, and drops those that wait.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace fovea::serve {

class HandlerPool {
 public:
  using Task = std::move_only_function<void()>;

  explicit HandlerPool(std::size_t threads);
  ~HandlerPool();
  HandlerPool(const HandlerPool&) = delete;
  HandlerPool& operator=(const HandlerPool&) = delete;

  // Runs `task` on one of the threads. How many may wait is bounded by who calls: one for each connection.
  void run(Task task);

 private:
  void work();

  Mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Task> tasks_ FOVEA_GUARDED_BY(mutex_);
  bool ending_ FOVEA_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;  // last: they use the others
};

}  // namespace fovea::serve
