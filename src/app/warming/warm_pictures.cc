// The workers take one file after the other. The caller's thread waits and shows how far they are: a bar is
// for one thread. A worker looks at the queues before it takes a file, and waits while one is more than half
// full, so that what all workers encode meanwhile still fits.
#include "app/warming/warm_pictures.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <thread>
#include <utility>

#include "app/read_source.h"
#include "base/mutex.h"

namespace fovea::app {

namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock::time_point;

constexpr auto shown_every = 100ms;
constexpr auto looked_every = 50ms;     // at a queue that is full
constexpr std::uint64_t lost_max = 64;  // entries in a row that no tier took: no hiccup any more

bool is_half_full(const WriteBehindStats& queue) {
  constexpr WriteBehindOptions usual;
  return queue.entries > usual.entries_max / 2 || queue.bytes > usual.bytes_max / 2;
}

// Entries that the tiers took, and that they did not.
struct Written {
  std::uint64_t kept = 0;
  std::uint64_t lost = 0;
};

Written written_to(const Tiers& tiers) {
  Written written;
  for (const auto& tier : tiers) {
    for (const TierUse& use : tier->stats().use) {
      written.kept += use.written;
      written.lost += use.write_failed;
    }
  }
  return written;
}

class Warming {
 public:
  Warming(Pipeline& pipeline, const Tiers& tiers, std::span<const std::string> files, const WarmOptions& options,
          const std::stop_token& stop)
      : pipeline_(pipeline), tiers_(tiers), files_(files), options_(options), stop_(stop) {}

  WarmCounts run(const WarmProgress& progress);

 private:
  void work();
  void warm(const std::string& file);
  void wait_for_writers() const;
  void count_part(double part);
  bool is_in_vain();

  Pipeline& pipeline_;
  const Tiers& tiers_;
  const std::span<const std::string> files_;
  const WarmOptions& options_;
  const std::stop_token& stop_;
  std::atomic<std::size_t> next_ = 0;
  Mutex mutex_;
  std::condition_variable_any finished_;
  std::size_t working_ FOVEA_GUARDED_BY(mutex_) = 0;
  WarmCounts counts_ FOVEA_GUARDED_BY(mutex_);
  double parts_ FOVEA_GUARDED_BY(mutex_) = 0;   // of pictures that are being encoded
  Written last_kept_ FOVEA_GUARDED_BY(mutex_);  // when more had been kept than before
};

WarmCounts Warming::run(const WarmProgress& progress) {
  const std::size_t count = std::clamp<std::size_t>(options_.workers, 1, std::max<std::size_t>(files_.size(), 1));
  {
    MutexLock lock(mutex_);
    working_ = count;
  }
  std::vector<std::jthread> workers(count);
  for (std::jthread& worker : workers) worker = std::jthread([this] { work(); });
  for (bool working = true; working;) {
    WarmCounts so_far;
    double fraction = 0;
    {
      MutexLock lock(mutex_);
      if (working_ > 0) finished_.wait_for(mutex_, shown_every);
      working = working_ > 0;
      so_far = counts_;
      fraction =
          (static_cast<double>(counts_.done()) + parts_) / static_cast<double>(std::max<std::size_t>(files_.size(), 1));
    }
    if (progress) progress(so_far, std::min(fraction, 1.0));
  }
  MutexLock lock(mutex_);
  return std::move(counts_);
}

void Warming::work() {
  for (;;) {
    wait_for_writers();
    const std::size_t at = next_++;
    if (stop_.stop_requested() || at >= files_.size() || is_in_vain()) break;
    warm(files_[at]);
  }
  MutexLock lock(mutex_);
  --working_;
  finished_.notify_one();
}

void Warming::warm(const std::string& file) {
  bool encodes = false;
  double part = 0;
  Listener listener;
  listener.on_encode = [&](std::size_t tile, std::size_t tiles) {
    encodes = true;
    const double now = static_cast<double>(tile) / static_cast<double>(tiles);
    count_part(now - std::exchange(part, now));
  };
  const auto warmed = [&]() -> Result<void> {
    auto source = read_source(file);
    if (!source) return std::unexpected(source.error());
    const Request request{.sources = {{std::move(*source), file}}, .tenant = options_.tenant, .group = options_.group};
    const auto made = pipeline_.warm(request, listener, stop_);
    return made ? Result<void>() : std::unexpected(made.error());
  }();
  count_part(-part);
  MutexLock lock(mutex_);
  if (warmed)
    ++(encodes ? counts_.encoded : counts_.known);
  else if (warmed.error().fault != Fault::cancelled)
    counts_.failed.push_back({file, warmed.error()});
}

void Warming::count_part(double part) {
  MutexLock lock(mutex_);
  parts_ += part;
}

// Whether the tiers take nothing any more.
bool Warming::is_in_vain() {
  const Written written = written_to(tiers_);
  MutexLock lock(mutex_);
  if (written.kept > last_kept_.kept) last_kept_ = written;
  if (written.lost >= last_kept_.lost + lost_max) counts_.gave_up = true;
  return counts_.gave_up;
}

void Warming::wait_for_writers() const {
  for (const auto& tier : tiers_) {
    while (!stop_.stop_requested() && is_half_full(tier->stats().write_behind))
      tier->flush(Time::clock::now() + looked_every);
  }
}

}  // namespace

WarmCounts warm_pictures(Pipeline& pipeline, const Tiers& tiers, std::span<const std::string> files,
                         const WarmOptions& options, const std::stop_token& stop, const WarmProgress& progress) {
  return Warming(pipeline, tiers, files, options, stop).run(progress);
}

bool write_all(const Tiers& tiers, std::chrono::milliseconds patience, const std::function<void(double)>& progress) {
  const auto left = [&] {
    std::uint64_t entries = 0;
    for (const auto& tier : tiers) entries += tier->stats().write_behind.entries;
    return entries;
  };
  const std::uint64_t first = left();
  std::uint64_t last = first;
  Time moved = Time::clock::now();
  for (bool written = false; !written;) {
    written = true;
    for (const auto& tier : tiers) written = tier->flush(Time::clock::now() + shown_every) && written;
    const std::uint64_t now_left = left();
    if (now_left < last) moved = Time::clock::now();
    last = now_left;
    if (progress && first > 0) progress(1 - static_cast<double>(last) / static_cast<double>(first));
    if (!written && Time::clock::now() - moved > patience) return false;
  }
  return true;
}

}  // namespace fovea::app
