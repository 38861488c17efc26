#include "app/output/report_text.h"

#include <format>
#include <utility>

#include "base/units.h"

namespace fovea::app {

namespace {

std::string level_text(std::string_view name, CacheLevel level, Outcome outcome, Bypass bypass,
                       const RequestReport& report) {
  if (outcome == Outcome::bypass) return std::format("{} bypass ({})", name, describe(bypass, level));
  const TierKind tier = farthest_tier(report, level);
  if (outcome == Outcome::hit && tier != TierKind::memory) return std::format("{} hit ({})", name, to_string(tier));
  return std::format("{} {}", name, to_string(outcome));
}

std::string tiles_text(const RequestReport& report) {
  std::uint32_t tiles = 0;
  std::uint32_t hits = 0;
  for (const ImageReport& image : report.images) {
    tiles += image.tiles;
    hits += image.tiles_hit;
  }
  return std::format(" ({} of {} {} found)", hits, tiles, tiles == 1 ? "tile" : "tiles");
}

}  // namespace

std::string summary_line(const RequestReport& report) {
  std::string line = level_text("response", CacheLevel::response, report.response, report.response_bypass, report);
  if (report.response != Outcome::hit) {
    line += ", " + level_text("prefix", CacheLevel::prefix, report.prefix, report.prefix_bypass, report);
    line += ", " + level_text("embedding", CacheLevel::embedding, report.embedding, report.embedding_bypass, report);
    if (report.embedding != Outcome::bypass) line += tiles_text(report);
  }
  if (report.drafts.drafted > 0)
    line += std::format(", {} of {} drafted tokens right", report.drafts.accepted, report.drafts.drafted);
  line += std::format(" - {}", format_ms(report.times.total_ms));
  if (report.saved_ms > 0) line += std::format(", saved {}", format_ms(report.saved_ms));
  return line;
}

std::string stages_line(const StageTimes& times) {
  constexpr double shown_from_ms = 0.0005;  // below it three decimals would show nothing
  std::string line;
  for (const auto& [name, ms] : named(times)) {
    if (ms >= shown_from_ms && name != std::string_view("total"))
      line += std::format("{}{} {}", line.empty() ? "" : ", ", name, format_ms(ms));
  }
  return line;
}

}  // namespace fovea::app
