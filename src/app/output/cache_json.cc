// glaze names the members of an object after those of the structs in namespace json.
#include "app/output/cache_json.h"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "app/output/json_line.h"

namespace fovea::app {

namespace json {

using Doubts = std::map<std::string, std::uint64_t>;  // how many entries, by the name of the fault

struct CacheKind {
  std::string kind;
  std::uint64_t entries, bytes;
  double hits_save_ms;
  std::optional<double> oldest_unix_ms, newest_unix_ms;
};

struct CacheStats {
  std::string tier, place;
  std::optional<std::uint64_t> limit_bytes;
  std::vector<CacheKind> kinds;
  CacheKind all;
  Doubts not_believed;
  std::uint64_t gone;
};

struct CacheEntry {
  std::string kind, key;
  std::uint64_t bytes;
  double saves_ms;
  float importance;
  double made_unix_ms;
  std::string tenant, scope;
  std::vector<std::string> images;
};

struct CacheVerified {
  std::string tier, place;
  std::uint64_t entries, sound;
  Doubts not_believed;
  std::uint64_t gone;
  bool removed;
};

}  // namespace json

namespace {

json::CacheKind kind_of(std::string_view name, const CacheSummary::Kind& kind) {
  json::CacheKind shown{.kind = std::string(name),
                        .entries = kind.entries,
                        .bytes = kind.bytes,
                        .hits_save_ms = kind.saves_ms,
                        .oldest_unix_ms = {},
                        .newest_unix_ms = {}};
  if (kind.entries > 0) {
    shown.oldest_unix_ms = kind.oldest_unix_ms;
    shown.newest_unix_ms = kind.newest_unix_ms;
  }
  return shown;
}

json::Doubts doubts_of(const WalkCounts& counts) {
  json::Doubts doubts;
  for (std::size_t i = 0; i < record_faults; ++i) {
    if (counts.doubtful[i] > 0) doubts[std::string(to_string(static_cast<RecordFault>(i)))] = counts.doubtful[i];
  }
  return doubts;
}

}  // namespace

std::string summary_json(const Place& place, const CacheSummary& summary, const WalkCounts& counts) {
  json::CacheStats stats{.tier = std::string(to_string(place.tier->kind())),
                         .place = place.name,
                         .limit_bytes = place.limit_bytes,
                         .kinds = {},
                         .all = kind_of("all", summary.all()),
                         .not_believed = doubts_of(counts),
                         .gone = counts.gone};
  for (const RecordKind kind : all_record_kinds) stats.kinds.push_back(kind_of(to_string(kind), summary.of(kind)));
  return json_line(stats);
}

std::string row_json(const CacheRow& row) {
  json::CacheEntry entry{.kind = std::string(to_string(row.kind)),
                         .key = row.key.hex(),
                         .bytes = row.bytes,
                         .saves_ms = row.cost_ms,
                         .importance = row.importance,
                         .made_unix_ms = row.made_unix_ms,
                         .tenant = row.tenant.hex(),
                         .scope = row.scope.hex(),
                         .images = {}};
  for (const Key& image : row.images) entry.images.push_back(image.hex());
  return json_line(entry);
}

std::string verified_json(const Place& place, const WalkCounts& counts) {
  return json_line(json::CacheVerified{.tier = std::string(to_string(place.tier->kind())),
                                       .place = place.name,
                                       .entries = counts.seen(),
                                       .sound = counts.sound,
                                       .not_believed = doubts_of(counts),
                                       .gone = counts.gone,
                                       .removed = !place.is_others});
}

}  // namespace fovea::app
