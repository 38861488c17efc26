// A thread that has just worked still has its memory in the processor's caches: its parser's buffers, and its
// share of the heap. So the last to fall asleep is woken first, and a load that two threads can bear is borne
// by the same two.
#include "serve/http/handler_pool.h"

#include <cerrno>
#include <utility>

#include "base/check.h"

namespace fovea::serve {

HandlerPool::Worker::Worker() { check(sem_init(&woken_, 0, 0) == 0, "a semaphore of this process can be made"); }
HandlerPool::Worker::~Worker() { sem_destroy(&woken_); }
void HandlerPool::Worker::wake() { sem_post(&woken_); }
void HandlerPool::Worker::sleep() {
  while (sem_wait(&woken_) != 0) check(errno == EINTR, "a thread without work sleeps");
}

HandlerPool::HandlerPool(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i)
    threads_.emplace_back([this, &worker = workers_.emplace_back()] { work(worker); });
}

HandlerPool::~HandlerPool() {
  std::deque<Task> dropped;
  std::vector<Worker*> sleeping;
  {
    MutexLock lock(mutex_);
    ending_ = true;
    dropped.swap(tasks_);
    sleeping.swap(sleeping_);
  }
  for (Worker* worker : sleeping) worker->wake();
}

void HandlerPool::run(Task task) {
  Worker* worker = nullptr;
  {
    MutexLock lock(mutex_);
    if (sleeping_.empty()) {
      tasks_.push_back(std::move(task));
      return;
    }
    worker = sleeping_.back();
    sleeping_.pop_back();
    worker->task = std::move(task);
  }
  worker->wake();
}

void HandlerPool::work(Worker& self) {
  while (true) {
    bool sleeps = false;
    {
      MutexLock lock(mutex_);
      if (ending_) return;
      sleeps = tasks_.empty();
      if (sleeps) {
        sleeping_.push_back(&self);
      } else {
        self.task = std::move(tasks_.front());
        tasks_.pop_front();
      }
    }
    if (sleeps) self.sleep();
    Task task = std::exchange(self.task, nullptr);
    if (!task) return;
    task();
  }
}

}  // namespace fovea::serve
