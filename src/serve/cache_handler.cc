// Entries are removed from the levels and from the recent requests of the dashboard: both hold a tenant's
// questions and images.
#include "serve/cache_handler.h"

#include <optional>

#include "serve/send_refusal.h"
#include "serve/tier_json.h"
#include "serve/wire/json_reader.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace json {

struct Level {
  std::string_view level;
  std::uint64_t hits, misses, joined, insertions, bypasses, evictions;
  double saved_ms;
  std::uint64_t entries, bytes, bytes_max;
};

// What was moved to memory ahead of requests. Precision says little without the two that follow it.
struct Prefetch {
  double precision, coverage;
  std::uint64_t wasted_bytes, issued, used, late, wasted, outstanding, dropped, tried, waited, bytes;
};

struct Stats {
  std::string_view object;
  std::vector<Level> levels;  // in memory
  std::vector<Tier> tiers;
  std::optional<Prefetch> prefetch;
};

struct Removed {
  std::string_view object;
  std::uint64_t entries;
};

}  // namespace json

namespace {

constexpr std::string_view images_path = "/v1/cache/images/";

json::Level level_of(std::string_view name, const LevelStats& stats) {
  return {name,           stats.hits,      stats.misses,   stats.joined,  stats.insertions,
          stats.bypasses, stats.evictions, stats.saved_ms, stats.entries, stats.bytes,
          stats.bytes_max};
}

json::Prefetch prefetch_of(const PrefetchCounts& counts) {
  return {.precision = counts.precision(),
          .coverage = counts.coverage(),
          .wasted_bytes = counts.wasted_bytes,
          .issued = counts.issued,
          .used = counts.used,
          .late = counts.late,
          .wasted = counts.wasted,
          .outstanding = counts.outstanding(),
          .dropped = counts.dropped,
          .tried = counts.tried,
          .waited = counts.waited,
          .bytes = counts.bytes};
}

void reply_removed(Exchange& exchange, std::size_t entries) {
  exchange.reply({.body = json_text(json::Removed{"cache.removed", entries})});
}

const Refusal admins_only{403, "this key is not an admin's: it may ask about what is its own only", {}, "not_admin"};

}  // namespace

void CacheHandler::stats(Exchange& exchange, const Tenant& tenant) {
  if (!tenant.admin) return send_refusal(exchange, admins_only);
  json::Stats stats{"cache.stats", {}, {}, cache_.prefetch_counts().transform(prefetch_of)};
  const LevelsStats levels = cache_.stats();
  for (const auto& [name, level] : levels) stats.levels.push_back(level_of(name, level));
  for (const TierStats& tier : cache_.tier_stats()) stats.tiers.push_back(json::tier_of(tier));
  exchange.reply({.body = json_text(stats)});
}

void CacheHandler::reset(Exchange& exchange, const Tenant& tenant) {
  std::string whose = tenant.name;
  if (!exchange.body().empty()) {
    const auto body = parse_json(exchange.body());
    if (!body) return send_refusal(exchange, body.error());
    const auto named = body->text("tenant");
    if (!named) return send_refusal(exchange, named.error());
    if (*named && **named != tenant.name && !tenant.admin) return send_refusal(exchange, admins_only);
    whose = named->value_or(whose);
  }
  recent_.purge(whose);
  reply_removed(exchange, cache_.purge(whose));
}

void CacheHandler::purge_image(Exchange& exchange, const Tenant& tenant) {
  const auto key = Key::from_hex(exchange.path().substr(images_path.size()));
  if (!key) {
    return send_refusal(
        exchange,
        {400, "a picture's key is 64 hexadecimal digits, as the header Fovea-Image-Keys of an answer tells it", "key",
         "invalid_value"});
  }
  recent_.purge(tenant.name, *key);
  reply_removed(exchange, cache_.purge(*key, tenant.name));
}

}  // namespace fovea::serve
