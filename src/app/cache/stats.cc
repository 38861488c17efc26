// fovea cache stats: what a tier holds, kind by kind.
#include <CLI/CLI.hpp>
#include <memory>
#include <print>
#include <string>

#include "app/cache/cache_summary.h"
#include "app/cache/cache_verbs.h"
#include "app/cache/entry_walk.h"
#include "app/cache/exit_code.h"
#include "app/cache/place.h"
#include "app/output/cache_json.h"
#include "app/output/cache_text.h"
#include "app/terminal/interrupts.h"
#include "app/terminal/progress_bar.h"
#include "base/clock.h"

namespace fovea::app {

namespace {

struct StatsFlags {
  TierFlags tiers;
  std::string kind;
  bool json = false;
};

int run(const StatsFlags& flags) {
  Interrupts interrupts;
  const auto place = open_place(flags.tiers, Access::look);
  if (!place) return exit_code_of(place.error());
  const std::stop_token stop = interrupts.watch();
  const auto keys = list_keys(*place->tier, kinds_of(flags.kind), stop);
  if (!keys) return exit_code_of(keys.error());
  CacheSummary summary;
  Result<WalkCounts> counts;
  {
    ProgressBar bar("Reading");
    counts = walk_entries(
        *place->tier, *keys, stop, [&](double fraction) { bar.update(fraction); },
        [&](RecordKind kind, const TierHit& hit) {
          summary.add(kind, hit);
          return true;
        });
  }
  if (!counts) return exit_code_of(counts.error());
  if (flags.json)
    std::println("{}", summary_json(*place, summary, *counts));
  else
    std::print("{}", summary_text(*place, summary, *counts, unix_time_ms()));
  return 0;
}

}  // namespace

void add_cache_stats(CLI::App& cache, int& exit_code) {
  auto flags = std::make_shared<StatsFlags>();
  CLI::App& stats = *cache.add_subcommand("stats", "Say what a disk cache or a shared server holds, kind by kind");
  stats.footer(
      "Each entry is read and checked, so a large cache takes a while. \"hits save\" is what computing all of it\n"
      "again would take. A folder is not changed, and a server may use it meanwhile.\n\n"
      "  fovea cache stats                                      what fovea ask keeps\n"
      "  fovea cache stats --disk-cache /var/cache/fovea --json\n"
      "  fovea cache stats --shared valkey://10.0.0.5 --fleet-key-file fleet.key\n\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.");
  add_place_flags(stats, flags->tiers);
  add_kind_flag(stats, flags->kind);
  stats.add_flag("--json", flags->json, "Print one JSON document");
  stats.callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace fovea::app
