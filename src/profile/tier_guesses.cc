#include "profile/tier_guesses.h"

#include "profile/tier_worth.h"
#include "store/record.h"

namespace fovea {

TierGuesses tier_guesses(const Profile& profile, const ModelTimes& model) {
  TierGuesses guesses;
  for (const TierTime& tier : profile.tiers) {
    const TransferTime::Guess guess{.wait_ms = tier.wait_ms, .bytes_per_ms = tier.bytes_per_ms};
    if (tier.kind == to_string(TierKind::disk)) guesses.disk = guess;
    if (tier.kind == to_string(TierKind::shared)) guesses.shared = guess;
  }
  const std::vector<EntryCost> entries = entry_costs(model);
  for (const RecordKind kind : all_record_kinds) {
    for (const EntryCost& entry : entries) {
      if (entry.kind == to_string(kind))
        guesses.expected[static_cast<std::size_t>(kind) - 1] = {.cost_ms = entry.cost_ms, .bytes = entry.bytes};
    }
  }
  return guesses;
}

}  // namespace fovea
