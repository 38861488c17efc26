// Keys are shortened as version control does it: twelve digits tell apart whatever fits on a disk, and --json
// has all of them.
#include "app/output/cache_text.h"

#include <algorithm>
#include <format>
#include <string_view>

#include "base/units.h"

namespace fovea::app {

namespace {

constexpr std::size_t key_digits = 12;
constexpr std::size_t label_digits = 8;

std::string without_end(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string age_of(double unix_ms, double now_unix_ms) { return unix_ms > 0 ? age_text(now_unix_ms - unix_ms) : "-"; }

std::string kind_line(std::string_view name, const CacheSummary::Kind& kind, double now_unix_ms) {
  if (kind.entries == 0) return std::format("  {:<18}{:>10}\n", name, 0);
  return std::format("  {:<18}{:>10}{:>12}{:>14}{:>10}{:>10}\n", name, kind.entries, format_bytes(kind.bytes),
                     format_ms(kind.saves_ms), age_of(kind.oldest_unix_ms, now_unix_ms),
                     age_of(kind.newest_unix_ms, now_unix_ms));
}

// What was not sound, and where it is now.
std::string doubts_line(const Place& place, const WalkCounts& counts) {
  const std::string doubts = doubts_text(counts);
  if (doubts.empty()) return "";
  const bool removed = place.tier->kind() == TierKind::shared || !place.is_others;
  return std::format("  not believed: {}{}\n", doubts, removed ? "" : " (another process has the folder: not removed)");
}

std::string gone_line(const WalkCounts& counts) {
  return counts.gone == 0 ? "" : std::format("  gone meanwhile, or with its file: {}\n", counts.gone);
}

}  // namespace

std::string age_text(double age_ms) {
  const double seconds = std::max(age_ms, 0.0) / 1000;
  if (seconds < 60) return std::format("{:.0f} s", std::min(seconds, 59.0));
  if (seconds < 3600) return std::format("{:.0f} min", std::min(seconds / 60, 59.0));
  if (seconds < 48 * 3600) return std::format("{:.0f} h", std::min(seconds / 3600, 47.0));
  return std::format("{:.0f} d", seconds / (24 * 3600));
}

std::string doubts_text(const WalkCounts& counts) {
  std::string text;
  for (std::size_t i = 0; i < record_faults; ++i) {
    if (counts.doubtful[i] == 0) continue;
    text +=
        std::format("{}{} {}", text.empty() ? "" : ", ", counts.doubtful[i], to_string(static_cast<RecordFault>(i)));
  }
  return text;
}

std::string summary_text(const Place& place, const CacheSummary& summary, const WalkCounts& counts,
                         double now_unix_ms) {
  std::string text = place.name;
  if (place.limit_bytes) text += std::format(", limit {}", format_bytes(*place.limit_bytes));
  text += '\n';
  text += std::format("  {:<18}{:>10}{:>12}{:>14}{:>10}{:>10}\n", "kind", "entries", "bytes", "hits save", "oldest",
                      "newest");
  for (const RecordKind kind : all_record_kinds) text += kind_line(to_string(kind), summary.of(kind), now_unix_ms);
  text += kind_line("all", summary.all(), now_unix_ms);
  if (const std::string doubts = doubts_text(counts); !doubts.empty())
    text += std::format("  not believed: {}\n", doubts);
  return text + gone_line(counts);
}

std::string rows_text(std::span<const CacheRow> rows, double now_unix_ms) {
  const auto line = [](std::string_view kind, std::string_view key, std::string_view bytes, std::string_view saves,
                       std::string_view importance, std::string_view age, std::string_view tenant,
                       std::string_view scope, std::string_view images) {
    return without_end(std::format("{:<18}{:<14}{:>11}{:>11}{:>12}{:>8}  {:<10}{:<10}{:>6}", kind, key, bytes, saves,
                                   importance, age, tenant, scope, images));
  };
  std::string text = line("kind", "key", "bytes", "saves", "importance", "age", "tenant", "scope", "images");
  for (const CacheRow& row : rows) {
    text += line(to_string(row.kind), row.key.hex().substr(0, key_digits), format_bytes(row.bytes),
                 format_ms(row.cost_ms), std::format("{:.2f}", row.importance), age_of(row.made_unix_ms, now_unix_ms),
                 row.tenant.hex().substr(0, label_digits), row.scope.hex().substr(0, label_digits),
                 std::to_string(row.images.size()));
  }
  return text;
}

std::string verified_text(const Place& place, const WalkCounts& counts) {
  return std::format("{}: {} of {} entries are sound\n", place.name, counts.sound, counts.seen()) +
         doubts_line(place, counts) + gone_line(counts);
}

}  // namespace fovea::app
