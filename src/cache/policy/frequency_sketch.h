// FrequencySketch: an estimate of how often each id was requested lately, 0 to 15, in eight bytes for each
// cached entry.
//
// A count-min sketch of four rows with 4-bit counters. All counters are halved after each sample period, so
// that old popularity fades (Einziger, Friedman, Manes, "TinyLFU: a highly efficient cache admission policy",
// ACM Transactions on Storage 2017). The four counters of an id lie in one cache line. Between two halvings
// an estimate is never below the true count, up to 15. The number of entries is not known beforehand, so the
// table doubles as the cache fills. Each half starts as a copy of the whole, which keeps the estimates from
// falling. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace fovea {

class FrequencySketch {
 public:
  static constexpr unsigned frequency_max = 15;

  FrequencySketch();

  // Makes room for the counts of `entries` entries. Never shrinks.
  void fit(std::uint64_t entries);
  // Counts one request for `id`.
  void count(std::uint64_t id);
  // The estimate of the requests for `id`.
  unsigned frequency(std::uint64_t id) const;
  // How often all counts have been halved so far.
  std::uint64_t halvings() const { return halvings_; }

 private:
  static constexpr std::size_t rows = 4;
  // A cache line: two words for each row, sixteen counters a word.
  struct alignas(64) Block {
    std::array<std::uint64_t, 2 * rows> words{};
  };
  // Where the counter of an id in one row is.
  struct Counter {
    std::size_t word;
    unsigned shift;
  };

  static Counter counter_of(std::uint64_t id, std::size_t row);
  std::size_t block_of(std::uint64_t id) const { return id & (blocks_.size() - 1); }
  void halve();

  std::vector<Block> blocks_;  // a power of two of them
  std::uint64_t counted_ = 0;  // requests in this sample period
  std::uint64_t halvings_ = 0;
};

}  // namespace fovea
