// Mutex and MutexLock: std::mutex with clang's thread-safety annotations, so that the compiler checks which
// mutex guards which member.
#pragma once

#include <mutex>

#if defined(__clang__)
#define FOVEA_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define FOVEA_THREAD_ANNOTATION(x)
#endif

// A member that may be touched only while `mutex` is held.
#define FOVEA_GUARDED_BY(mutex) FOVEA_THREAD_ANNOTATION(guarded_by(mutex))
// A function that is called only while `mutex` is held.
#define FOVEA_REQUIRES(mutex) FOVEA_THREAD_ANNOTATION(requires_capability(mutex))

namespace fovea {

class FOVEA_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() FOVEA_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() FOVEA_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  bool try_lock() FOVEA_THREAD_ANNOTATION(try_acquire_capability(true)) { return mutex_.try_lock(); }

 private:
  std::mutex mutex_;
};

// Holds a Mutex for a scope.
class FOVEA_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) FOVEA_THREAD_ANNOTATION(acquire_capability(mutex)) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() FOVEA_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace fovea
