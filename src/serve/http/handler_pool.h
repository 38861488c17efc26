// HandlerPool: threads that run handlers, which may wait for the model. Thread-safe. Its destructor waits for
// the tasks that run, and drops those that wait.
#pragma once

#include <semaphore.h>

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

  // Runs `task` on one of the threads: of those without work, on the one that had some last. How many may
  // wait is bounded by who calls: one for each connection.
  void run(Task task);

 private:
  // A thread, and how it sleeps. The system's semaphore, since std::binary_semaphore tries again and again
  // for a while, and gives way to other programs each time.
  class Worker {
   public:
    Worker();
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    void wake();
    void sleep();

    Task task;  // that it is woken for; none: the pool ends

   private:
    sem_t woken_;
  };

  void work(Worker& self);

  Mutex mutex_;
  std::deque<Task> tasks_ FOVEA_GUARDED_BY(mutex_);
  std::vector<Worker*> sleeping_ FOVEA_GUARDED_BY(mutex_);  // the last to fall asleep is the last
  bool ending_ FOVEA_GUARDED_BY(mutex_) = false;
  std::deque<Worker> workers_;
  std::vector<std::jthread> threads_;  // last: they use the others
};

}  // namespace fovea::serve
