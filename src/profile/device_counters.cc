// A counter with `inherit` counts the threads that its thread starts later, and theirs. Each is opened
// alone: a group cannot be inherited. Where one is refused none is used.
#include "profile/device_counters.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <format>

#include "base/clock.h"

namespace fovea {

namespace {

// Of this thread and those that it starts, on any processor, without the kernel's part.
int open_counter(std::uint64_t config) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.size = sizeof(attributes);
  attributes.config = config;
  attributes.inherit = 1;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  return static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

std::string reason(int error) {
  if (error == EACCES || error == EPERM)
    return "perf_event_open is refused: it needs kernel.perf_event_paranoid of 2 or less, or CAP_PERFMON";
  if (error == ENOENT || error == EOPNOTSUPP || error == ENODEV)
    return "this machine has no hardware counters, as most virtual machines";
  if (error == ENOSYS) return "this kernel has no perf_event_open";
  return std::format("perf_event_open failed: {}", std::strerror(error));
}

double processor_ms() {
  timespec time{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

}  // namespace

DeviceCounters::DeviceCounters() {
  constexpr std::array<std::uint64_t, 3> kinds = {PERF_COUNT_HW_INSTRUCTIONS, PERF_COUNT_HW_CPU_CYCLES,
                                                  PERF_COUNT_HW_CACHE_MISSES};
  for (std::size_t i = 0; i < kinds.size() && why_not_.empty(); ++i) {
    files_[i] = open_counter(kinds[i]);
    if (files_[i] < 0) why_not_ = reason(errno);
  }
}

DeviceCounters::~DeviceCounters() {
  for (const int file : files_)
    if (file >= 0) ::close(file);
}

DeviceCounters::Reading DeviceCounters::read() const {
  Reading reading{.wall_ms = Clock::steady().now_ms(), .processor_ms = processor_ms(), .counts = {}};
  if (!why_not_.empty()) return reading;
  std::array<std::uint64_t, 3> counts{};
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (::read(files_[i], &counts[i], sizeof(counts[i])) != sizeof(counts[i])) return reading;
  reading.counts = counts;
  return reading;
}

DeviceUse use_between(const DeviceCounters::Reading& before, const DeviceCounters::Reading& after) {
  const double wall_ms = std::max(after.wall_ms - before.wall_ms, 1e-6);
  DeviceUse use{.processors = (after.processor_ms - before.processor_ms) / wall_ms,
                .instructions_per_cycle = {},
                .cache_misses_per_ms = {}};
  if (!before.counts || !after.counts) return use;
  const auto grown = [&](std::size_t i) { return static_cast<double>((*after.counts)[i] - (*before.counts)[i]); };
  if (grown(1) > 0) use.instructions_per_cycle = grown(0) / grown(1);
  use.cache_misses_per_ms = grown(2) / wall_ms;
  return use;
}

}  // namespace fovea
