// fovea cache verify: reads and proves every entry of a tier, and removes what is not sound.
#include <CLI/CLI.hpp>
#include <memory>
#include <print>
#include <string>

#include "app/cache/cache_verbs.h"
#include "app/cache/entry_walk.h"
#include "app/cache/exit_code.h"
#include "app/cache/place.h"
#include "app/output/cache_json.h"
#include "app/output/cache_text.h"
#include "app/terminal/interrupts.h"
#include "app/terminal/progress_bar.h"

namespace fovea::app {

namespace {

struct VerifyFlags {
  TierFlags tiers;
  std::string kind;
  bool json = false;
};

int run(const VerifyFlags& flags) {
  Interrupts interrupts;
  const auto place = open_place(flags.tiers, Access::change);
  if (!place) return exit_code_of(place.error());
  const std::stop_token stop = interrupts.watch();
  const auto keys = list_keys(*place->tier, kinds_of(flags.kind), stop);
  if (!keys) return exit_code_of(keys.error());
  Result<WalkCounts> counts;
  {
    ProgressBar bar("Verifying");
    counts = walk_entries(
        *place->tier, *keys, stop, [&](double fraction) { bar.update(fraction); },
        [](RecordKind, const TierHit&) { return true; });
  }
  if (!counts) return exit_code_of(counts.error());
  if (flags.json)
    std::println("{}", verified_json(*place, *counts));
  else
    std::print("{}", verified_text(*place, *counts));
  return counts->damaged() > 0 ? 1 : 0;
}

}  // namespace

void add_cache_verify(CLI::App& cache, int& exit_code) {
  auto flags = std::make_shared<VerifyFlags>();
  CLI::App& verify = *cache.add_subcommand("verify", "Read and check every entry, and remove what is not sound");
  verify.footer(
      "Every entry has a checksum over all of it, and in a shared server a code with the fleet's key. What fails is "
      "counted\n"
      "by its reason and removed. A program that uses the cache checks each entry too when it reads it: this finds\n"
      "early what a failing disk damages. A folder that another process uses is checked, and nothing is removed. Do\n"
      "not start a server on the folder meanwhile: it could only read it.\n\n"
      "  fovea cache verify\n"
      "  fovea cache verify --disk-cache /var/cache/fovea --json\n\n"
      "Exit codes: 0 all sound (or purged), 1 something was not sound or could not be read, 2 wrong usage, "
      "130 interrupted.");
  add_place_flags(verify, flags->tiers);
  add_kind_flag(verify, flags->kind);
  verify.add_flag("--json", flags->json, "Print one JSON document");
  verify.callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace fovea::app
