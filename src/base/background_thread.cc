#include "base/background_thread.h"

#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace fovea {

void run_in_background() {
#ifdef __linux__
  // Linux takes a thread's number for a process's here.
  constexpr int niceness = 10;
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness);
#endif
}

}  // namespace fovea
