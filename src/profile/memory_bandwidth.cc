// Each thread has its own part of the arrays and touches it first, so that its memory is near it. The threads
// are started anew for each pass; that takes microseconds, and a pass takes tens of milliseconds.
#include "profile/memory_bandwidth.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/clock.h"

namespace fovea {

namespace {

constexpr int passes = 5;

struct Arrays {
  explicit Arrays(std::size_t numbers)
      : a(std::make_unique_for_overwrite<double[]>(numbers)),
        b(std::make_unique_for_overwrite<double[]>(numbers)),
        c(std::make_unique_for_overwrite<double[]>(numbers)) {}
  std::unique_ptr<double[]> a, b, c;
};

// Runs `work(begin, end)` on each thread's part, at the same time.
template <typename Work>
void in_parts(std::uint32_t threads, std::size_t numbers, const Work& work) {
  std::vector<std::jthread> running;
  for (std::uint32_t i = 0; i < threads; ++i)
    running.emplace_back([&, i] { work(numbers * i / threads, numbers * (i + 1) / threads); });
}

}  // namespace

BandwidthAt measure_bandwidth(std::uint32_t threads, std::size_t numbers) {
  check(threads > 0 && numbers > 0, "memory is copied by some thread");
  Arrays arrays(numbers);
  in_parts(threads, numbers, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) arrays.a[i] = 0, arrays.b[i] = 1, arrays.c[i] = 2;
  });
  double best_ms = 0;
  for (int pass = 0; pass < passes; ++pass) {
    const double scale = 3 + pass;  // another one each time, so that no pass can be left out
    const Stopwatch watch;
    in_parts(threads, numbers, [&](std::size_t begin, std::size_t end) {
      const double* b = arrays.b.get();
      const double* c = arrays.c.get();
      double* a = arrays.a.get();
      for (std::size_t i = begin; i < end; ++i) a[i] = b[i] + scale * c[i];
    });
    const double ms = watch.elapsed_ms();
    best_ms = pass == 0 ? ms : std::min(best_ms, ms);
    check(arrays.a[numbers - 1] == 1 + 2 * scale, "memory was copied");
  }
  const double bytes = 3.0 * sizeof(double) * static_cast<double>(numbers);
  return {.threads = threads, .bytes_per_ms = bytes / std::max(best_ms, 1e-6)};
}

}  // namespace fovea
