// How many entries are read at a time follows from the size of those before: a server is asked for some
// megabytes in one round trip, and never for gigabytes. A tier says of a key only that it has an entry or
// not; why it believed one not is in its counts, so they are compared before and after.
#include "app/cache/entry_walk.h"

#include <algorithm>
#include <format>
#include <numeric>
#include <string>
#include <utility>

namespace fovea::app {

namespace {

constexpr std::uint64_t read_bytes = std::uint64_t{8} << 20;  // at a time, about
constexpr std::size_t read_keys_max = 256;
constexpr std::size_t first_read_keys = 4;  // before anything is known of their size
constexpr std::uint64_t strangers_max = 4;  // entries with another seal, before any with ours

std::size_t keys_to_read(const WalkCounts& counts, std::uint64_t bytes) {
  if (counts.sound == 0) return first_read_keys;
  return std::clamp<std::size_t>(read_bytes * counts.sound / std::max<std::uint64_t>(bytes, 1), 1, read_keys_max);
}

// The keys from `at` on that can be asked for together: of one kind.
std::vector<Key> next_keys(std::span<const NamedKey> keys, std::size_t at, std::size_t count) {
  std::vector<Key> next;
  for (std::size_t i = at; i < keys.size() && next.size() < count && keys[i].kind == keys[at].kind; ++i)
    next.push_back(keys[i].key);
  return next;
}

// A page may repeat a key.
void drop_repeated(std::vector<NamedKey>& keys) {
  std::ranges::sort(keys);
  const auto repeated = std::ranges::unique(keys);
  keys.erase(repeated.begin(), repeated.end());
}

// All keys, or where there are more than `enough`, more than that.
Result<std::vector<NamedKey>> list_more_than(std::size_t enough, Tier& tier, std::span<const RecordKind> kinds,
                                             const std::stop_token& stop) {
  std::vector<NamedKey> keys;
  for (const RecordKind kind : kinds) {
    for (std::string from;;) {
      auto page = tier.keys(kind, from, {.stop = stop, .deadline = {}});
      if (!page) return std::unexpected(page.error());
      for (const Key& key : page->keys) keys.push_back({kind, key});
      if (keys.size() > enough) drop_repeated(keys);
      if (keys.size() > enough) return keys;
      if (page->next.empty()) break;
      from = std::move(page->next);
    }
  }
  drop_repeated(keys);
  return keys;
}

std::uint64_t wrongly_sealed(const Tier& tier) {
  return tier.doubtful()[static_cast<std::size_t>(RecordFault::wrong_checksum)];
}

}  // namespace

std::uint64_t WalkCounts::damaged() const {
  return std::accumulate(doubtful.begin(), doubtful.end(), std::uint64_t{0}) -
         doubtful[static_cast<std::size_t>(RecordFault::purged)];
}

std::uint64_t WalkCounts::seen() const { return std::accumulate(doubtful.begin(), doubtful.end(), sound + gone); }

Result<std::vector<NamedKey>> list_keys(Tier& tier, std::span<const RecordKind> kinds, const std::stop_token& stop,
                                        std::size_t keys_max) {
  auto keys = list_more_than(keys_max, tier, kinds, stop);
  if (keys && keys->size() > keys_max)
    return fail(Fault::too_large, std::format("more than {} entries: look at one --kind", keys_max));
  return keys;
}

Result<std::vector<NamedKey>> list_some_keys(Tier& tier, std::span<const RecordKind> kinds, const std::stop_token& stop,
                                             std::size_t keys_max) {
  auto keys = list_more_than(keys_max, tier, kinds, stop);
  if (keys && keys->size() > keys_max) keys->resize(keys_max);
  return keys;
}

Result<WalkCounts> walk_entries(Tier& tier, std::span<const NamedKey> keys, const std::stop_token& stop,
                                const Progress& progress,
                                const std::function<bool(RecordKind kind, const TierHit& hit)>& on_entry) {
  WalkCounts counts;
  const auto before = tier.doubtful();
  const std::uint64_t wrongly_sealed_before = wrongly_sealed(tier);
  std::uint64_t bytes = 0, asked = 0;
  for (bool wanted = true; wanted && asked < keys.size();) {
    if (stop.stop_requested()) return fail(Fault::cancelled, "interrupted");
    const RecordKind kind = keys[asked].kind;
    const std::vector<Key> next = next_keys(keys, asked, keys_to_read(counts, bytes));
    const auto hits = tier.find_many(kind, next, {.stop = stop, .deadline = {}});
    if (!hits) return std::unexpected(hits.error());
    asked += next.size();
    for (const auto& hit : *hits) {
      if (!hit) continue;
      ++counts.sound;
      bytes += hit->entry.record.size();
      wanted = wanted && on_entry(kind, *hit);
    }
    if (tier.kind() == TierKind::shared && counts.sound == 0 &&
        wrongly_sealed(tier) - wrongly_sealed_before >= strangers_max)
      return fail(Fault::invalid,
                  "the entries there are sealed with another key: compare --fleet-key-file with the others'");
    report_progress(progress, static_cast<double>(asked) / static_cast<double>(keys.size()));
  }
  const auto after = tier.doubtful();
  for (std::size_t i = 0; i < record_faults; ++i) counts.doubtful[i] = after[i] - before[i];
  const std::uint64_t told = counts.seen();
  counts.gone = asked > told ? asked - told : 0;
  return counts;
}

}  // namespace fovea::app
