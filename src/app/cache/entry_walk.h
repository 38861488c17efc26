// list_keys, list_some_keys, walk_entries: every entry of a tier, one after the other, each proved before it
// is shown.
//
// First the keys, then the entries a few at a time, so that memory is bounded whatever a tier holds and the
// end is known. What is stored or removed meanwhile may be there or not. For one thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/progress.h"
#include "fovea/result.h"
#include "store/tier.h"

namespace fovea::app {

struct NamedKey {
  RecordKind kind;
  Key key;

  friend auto operator<=>(const NamedKey&, const NamedKey&) = default;
};

constexpr std::size_t walked_keys_max = 10'000'000;  // 330 MB of names; more than a disk holds

// All keys of these kinds, each once. Faults: those of Tier::keys; cancelled; too_large, where there are more
// than `keys_max`.
Result<std::vector<NamedKey>> list_keys(Tier& tier, std::span<const RecordKind> kinds, const std::stop_token& stop,
                                        std::size_t keys_max = walked_keys_max);
// `keys_max` of them, or all where there are no more. Faults: those of Tier::keys; cancelled.
Result<std::vector<NamedKey>> list_some_keys(Tier& tier, std::span<const RecordKind> kinds, const std::stop_token& stop,
                                             std::size_t keys_max);

// What became of the keys.
struct WalkCounts {
  std::uint64_t sound = 0;                              // that were shown
  std::uint64_t gone = 0;                               // listed, and not there any more
  std::array<std::uint64_t, record_faults> doubtful{};  // found and not believed, by RecordFault

  // Of the doubtful ones, those that were not merely purged.
  std::uint64_t damaged() const;
  std::uint64_t seen() const;
};

// Calls `on_entry` with the entry of each key that has a sound one. It says whether to go on. A tier removes
// what it finds doubtful: so where the first entries of a shared one all have another seal, nothing more is
// read. Faults: those of Tier::find_many; cancelled; invalid, with another fleet's key.
Result<WalkCounts> walk_entries(Tier& tier, std::span<const NamedKey> keys, const std::stop_token& stop,
                                const Progress& progress,
                                const std::function<bool(RecordKind kind, const TierHit& hit)>& on_entry);

}  // namespace fovea::app
