// glaze names the members of the document after those of the structs in namespace json.
#include "app/warming/warm_report.h"

#include <format>

#include "app/output/json_line.h"
#include "base/units.h"

namespace fovea::app {

namespace json {

struct WarmFailure {
  std::string file, error;
};

struct WarmTier {
  std::string tier;
  std::uint64_t written, written_bytes;
  std::uint64_t not_worth;  // computed again sooner than read back
  std::uint64_t dropped, write_failed, left_in_queue;
};

struct Warm {
  std::uint64_t pictures, known, encoded;
  std::vector<WarmFailure> failed;
  std::vector<WarmTier> tiers;
  bool interrupted, gave_up, all_written;
  double took_ms;
};

}  // namespace json

namespace {

json::WarmTier tier_of(const TierStats& stats) {
  json::WarmTier tier{.tier = std::string(to_string(stats.kind)),
                      .written = 0,
                      .written_bytes = 0,
                      .not_worth = 0,
                      .dropped = stats.write_behind.dropped,
                      .write_failed = 0,
                      .left_in_queue = stats.write_behind.entries};
  for (const TierUse& use : stats.use) {
    tier.written += use.written;
    tier.written_bytes += use.written_bytes;
    tier.not_worth += use.not_worth;
    tier.write_failed += use.write_failed;
  }
  return tier;
}

std::string tier_line(const TierStats& stats) {
  const json::WarmTier tier = tier_of(stats);
  std::string text =
      std::format("  {}: {} entries written, {}", tier.tier, tier.written, format_bytes(tier.written_bytes));
  if (tier.not_worth > 0)
    text += std::format("; {} not: computing them takes no longer than reading them back", tier.not_worth);
  if (tier.write_failed > 0) text += std::format("; {} could not be written", tier.write_failed);
  if (tier.dropped > 0) text += std::format("; {} dropped, as its queue was full: run this again", tier.dropped);
  if (tier.left_in_queue > 0) text += std::format("; {} not written yet", tier.left_in_queue);
  return text + '\n';
}

}  // namespace

std::string rate_text(double per_second) {
  return per_second < 10 ? std::format("{:.2g}", per_second) : std::format("{:.0f}", per_second);
}

std::string warm_text(const WarmReport& report) {
  std::string text;
  for (const WarmFailure& failure : report.counts.failed) text += std::format("failed: {}\n", failure.error.message);
  text += std::format("{} of {} pictures: {} encoded, {} known already, {} failed", report.counts.done(),
                      report.pictures, report.counts.encoded, report.counts.known, report.counts.failed.size());
  if (report.took_ms > 0) {
    text += std::format("; {}, {} pictures/s", format_ms(report.took_ms),
                        rate_text(static_cast<double>(report.counts.done()) * 1000 / report.took_ms));
  }
  text += '\n';
  for (const TierStats& tier : report.tiers) text += tier_line(tier);
  if (report.counts.gave_up) text += "Given up, as nothing was kept any more. Run it again when the tiers work.\n";
  if (report.interrupted) text += "Interrupted. Run it again: what is done is known then.\n";
  return text;
}

std::string warm_json(const WarmReport& report) {
  json::Warm warm{.pictures = report.pictures,
                  .known = report.counts.known,
                  .encoded = report.counts.encoded,
                  .failed = {},
                  .tiers = {},
                  .interrupted = report.interrupted,
                  .gave_up = report.counts.gave_up,
                  .all_written = report.all_written,
                  .took_ms = report.took_ms};
  for (const WarmFailure& failure : report.counts.failed) warm.failed.push_back({failure.file, failure.error.message});
  for (const TierStats& tier : report.tiers) warm.tiers.push_back(tier_of(tier));
  return json_line(warm);
}

}  // namespace fovea::app
