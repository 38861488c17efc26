// Item::queue tells the queue and Item::frequency counts hits, to at most three. A victim is searched in the
// small queue while that exceeds its share, then in the main queue. The search ends: it moves an item out of
// the small queue or lowers a frequency at each step. An item that only passes from the small to the main
// queue changes no bytes of the cache.
#include "cache/policy/s3_fifo.h"

#include <algorithm>

namespace fovea {

namespace {

constexpr std::uint8_t in_small = 0;
constexpr std::uint8_t in_main = 1;
constexpr std::uint32_t frequency_max = 3;  // the paper's two bits
constexpr std::uint32_t worth_keeping = 2;  // hits in the small queue that lead to the main queue

}  // namespace

void S3FifoPolicy::inserted(Item& item) {
  item.frequency = 0;
  if (ghosts_.recall(item.id)) {
    item.queue = in_main;
    main_.push_back(item);
  } else {
    item.queue = in_small;
    small_.push_back(item);
    small_bytes_ += item.size;
  }
}

void S3FifoPolicy::hit(Item& item) { item.frequency = std::min(item.frequency + 1, frequency_max); }

Item* S3FifoPolicy::victim(const Item* /*incoming*/) {
  while (!small_.empty() && (small_bytes_ >= small_bytes_max_ || main_.empty())) {
    if (Item* victim = small_victim()) return victim;
  }
  return main_.empty() ? nullptr : &main_victim();
}

void S3FifoPolicy::removed(Item& item, RemovalCause why) {
  if (item.queue == in_main) {
    main_.erase(main_.iterator_to(item));
    return;
  }
  if (why == RemovalCause::evicted) ghosts_.remember(item.id, ghost_window());
  small_.erase(small_.iterator_to(item));
  small_bytes_ -= item.size;
}

// The paper's ghost queue has as many entries as the main queue, nine tenths of the cache. With a window of
// the present length of main_, nothing would be remembered while main_ fills, and a loop longer than the
// small queue would never reach it.
std::uint64_t S3FifoPolicy::ghost_window() const { return (small_.size() + main_.size()) * 9 / 10; }

// The oldest item of the small queue, or null if its hits have moved it to the main queue.
Item* S3FifoPolicy::small_victim() {
  Item& oldest = small_.front();
  if (oldest.frequency < worth_keeping) return &oldest;
  oldest.frequency = 0;
  oldest.queue = in_main;
  small_bytes_ -= oldest.size;
  main_.splice(main_.end(), small_, small_.begin());
  return nullptr;
}

Item& S3FifoPolicy::main_victim() {
  while (main_.front().frequency > 0) {
    --main_.front().frequency;
    main_.splice(main_.end(), main_, main_.begin());
  }
  return main_.front();
}

}  // namespace fovea
