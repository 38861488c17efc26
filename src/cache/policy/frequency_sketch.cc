// A block is one cache line: four rows of 32 counters, 4 bits each. An id has one counter in each row of its
// block, and its estimate is the least of the four. Doubling the table copies every block to its new place
// too, so an id finds the counts of its old block in either half. Halving shifts whole words.
#include "cache/policy/frequency_sketch.h"

#include <algorithm>

namespace fovea {

namespace {

// 512 bytes at first and 32 MiB at most. Beyond 4 million entries the table stays and the estimates grow
// coarser.
constexpr std::size_t blocks_min = 8;
constexpr std::size_t blocks_max = std::size_t{1} << 19;
constexpr std::size_t entries_per_block = 8;
// The paper's sample period: ten requests for each entry that the table has room for.
constexpr std::uint64_t requests_per_entry = 10;

constexpr std::uint64_t counter_mask = 15;
// Every counter without its top bit. When a word is shifted, that bit receives the lowest bit of the next
// counter.
constexpr std::uint64_t halved_mask = 0x7777777777777777;

}  // namespace

FrequencySketch::FrequencySketch() : blocks_(blocks_min) {}

void FrequencySketch::fit(std::uint64_t entries) {
  while (entries > blocks_.size() * entries_per_block && blocks_.size() < blocks_max) {
    const std::size_t half = blocks_.size();
    blocks_.resize(2 * half);
    std::copy_n(blocks_.begin(), half, blocks_.begin() + static_cast<std::ptrdiff_t>(half));
  }
}

void FrequencySketch::count(std::uint64_t id) {
  Block& block = blocks_[block_of(id)];
  for (std::size_t row = 0; row < rows; ++row) {
    const auto [word, shift] = counter_of(id, row);
    if (((block.words[word] >> shift) & counter_mask) < frequency_max) block.words[word] += std::uint64_t{1} << shift;
  }
  if (++counted_ >= requests_per_entry * entries_per_block * blocks_.size()) halve();
}

unsigned FrequencySketch::frequency(std::uint64_t id) const {
  const Block& block = blocks_[block_of(id)];
  std::uint64_t least = frequency_max;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto [word, shift] = counter_of(id, row);
    least = std::min(least, (block.words[word] >> shift) & counter_mask);
  }
  return static_cast<unsigned>(least);
}

// The low bits of the id choose the block. For each row, five bits of the mixed id choose one of its 32
// counters.
FrequencySketch::Counter FrequencySketch::counter_of(std::uint64_t id, std::size_t row) {
  const std::uint64_t bits = (id * 0x9e3779b97f4a7c15) >> (44 + 5 * row);
  return {.word = 2 * row + (bits & 1), .shift = static_cast<unsigned>((bits >> 1) & 15) * 4};
}

void FrequencySketch::halve() {
  for (Block& block : blocks_)
    for (std::uint64_t& word : block.words) word = (word >> 1) & halved_mask;
  counted_ /= 2;
  ++halvings_;
}

}  // namespace fovea
