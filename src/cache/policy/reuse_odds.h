// ReuseOdds: the chance that an entry is requested again soon, learned from the past while a cache runs.
//
// Entries are grouped by kind (level, uses so far, importance to the model) and by age, the calls since their
// last use. For each kind and age it counts how long entries waited there and how often they were requested
// meanwhile. The quotient is the chance of a request at the next call. Where little has been counted, it uses
// the counts of wider groups, and in the end a guess: uses / age. Not thread-safe. Fixed memory, about 100
// KiB.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

namespace fovea {

class ReuseOdds {
 public:
  static constexpr std::uint32_t levels = 3;
  static constexpr std::uint32_t use_classes = 8;         // 1, 2, 3, 4-5, 6-8, 9-15, 16-31, 32 and more
  static constexpr std::uint32_t importance_classes = 3;  // thirds
  static constexpr std::uint32_t kinds = levels * use_classes * importance_classes;

  // Ages fall into bins, two an octave. Bin i begins at 2^(i/2) - 1 calls; the last one holds all above
  // 2^27.5.
  static constexpr std::uint32_t bins = 56;
  static constexpr std::array<double, bins + 1> begins = [] {
    std::array<double, bins + 1> at{};
    for (std::uint32_t bin = 0; bin <= bins; ++bin) {
      at[bin] = static_cast<double>(1ULL << bin / 2) * (bin % 2 == 0 ? 1 : std::numbers::sqrt2) - 1;
    }
    return at;
  }();

  ReuseOdds();

  // The kind of an entry. A number out of range counts as the nearest one in range.
  static std::uint32_t kind_of(std::uint32_t level, std::uint32_t uses, float importance);

  // An entry of `kind` was not requested while its age went from `from` to `to`.
  void waited(std::uint32_t kind, std::uint64_t from, std::uint64_t to);
  // An entry of `kind` was requested at `age`.
  void requested(std::uint32_t kind, std::uint64_t age);
  // Halves all counts, so that new behaviour outweighs old behaviour.
  void fade();
  // Computes worth() from the counts. Counts have no effect before that.
  void learn();

  // All that was counted: of each kind and bin how often it was requested, then how long it waited.
  static constexpr std::size_t counts_size = std::size_t{2} * kinds * bins;
  std::vector<double> counts() const;
  // Goes on from the counts of another, and learns from them. False, and nothing is changed, where they are
  // none.
  bool restore(std::span<const double> counts);

  // The average hits per call from keeping an entry of `kind` and `age`, if it is kept for the best length of
  // time.
  double worth(std::uint32_t kind, std::uint64_t age) const { return worth_[kind][bin_of(age)]; }

 private:
  using Ages = std::array<double, bins>;

  static std::uint32_t bin_of(std::uint64_t age);
  void learn_level(std::uint32_t level);
  void learn_uses(std::uint32_t first_kind, const Ages& level_requested, const Ages& level_waited);
  void compute_worth(std::uint32_t kind, const Ages& rate);

  std::array<Ages, kinds> requested_{}, waited_{}, worth_{};
};

}  // namespace fovea
