#include "serve/http/handler_pool.h"

#include <utility>

namespace fovea::serve {

HandlerPool::HandlerPool(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

HandlerPool::~HandlerPool() {
  std::deque<Task> dropped;
  {
    MutexLock lock(mutex_);
    ending_ = true;
    dropped.swap(tasks_);
  }
  changed_.notify_all();
}

void HandlerPool::run(Task task) {
  {
    MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
}

void HandlerPool::work() {
  while (true) {
    Task task;
    {
      MutexLock lock(mutex_);
      while (tasks_.empty() && !ending_) changed_.wait(mutex_);
      if (ending_) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace fovea::serve
