// fovea warm: encodes pictures ahead of the first question about them, into a disk cache or a shared server.
//
// Hours of encoding for a place that keeps nothing would be lost, so that is found out first. The memory's
// share of the cache is small here: nobody will ask this process.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <format>
#include <memory>
#include <print>
#include <string>
#include <thread>
#include <vector>

#include "app/cache/exit_code.h"
#include "app/flags/model_flags.h"
#include "app/flags/tier_flags.h"
#include "app/terminal/interrupts.h"
#include "app/terminal/progress_bar.h"
#include "app/verbs.h"
#include "app/warming/picture_list.h"
#include "app/warming/warm_pictures.h"
#include "app/warming/warm_report.h"
#include "base/clock.h"
#include "tier/open/open_tier.h"
#include "tier/open/open_tiers.h"

namespace fovea::app {

namespace {

struct WarmFlags {
  std::vector<std::string> words;
  ModelFlags model;
  TierFlags tiers{.disk_default = DiskDefault::in_user_cache};
  std::string tenant;
  std::string group;
  bool json = false;
};

// The largest embedding fits many times, and beyond that memory saves nothing.
constexpr std::uint64_t memory_bytes = std::uint64_t{256} << 20;
// Workers beyond the one that encodes read, decode and cut the next pictures; each may have 200 MB of pixels.
constexpr std::uint32_t workers_max = 8;
constexpr std::chrono::seconds write_patience{30};

std::uint32_t workers() { return std::clamp(std::thread::hardware_concurrency(), 2U, workers_max); }

// Whether the server can be asked at all. Faults: those of open_shared_tier and Tier::find_many.
Result<void> reach_shared(const TierFlags& flags) {
  if (flags.shared.empty()) return {};
  const auto tier = open_shared_tier(flags);
  if (!tier) return std::unexpected(tier.error());
  const Key key;
  const auto asked = (*tier)->find_many(RecordKind::embedding, std::span(&key, 1), {});
  return asked ? Result<void>() : std::unexpected(asked.error());
}

// The tiers, of which one at least can be written.
Result<OpenTiers> tiers_to_fill(const TierFlags& flags) {
  if (flags.no_disk && flags.shared.empty())
    return fail(Fault::invalid, "--no-disk leaves nowhere to keep the embeddings: name a --shared server");
  if (auto reached = reach_shared(flags); !reached) return std::unexpected(reached.error());
  auto tiers = OpenTiers::open(flags, [](std::string_view told) { std::println(stderr, "fovea: {}", told); });
  if (tiers && tiers->writable() == 0) return fail(Fault::unavailable, "nothing can be kept, so nothing is encoded");
  return tiers;
}

std::string note_of(const WarmCounts& counts, std::size_t pictures, const Stopwatch& watch) {
  return std::format("{} of {}, {}/s", counts.done(), pictures,
                     rate_text(static_cast<double>(counts.done()) * 1000 / std::max(watch.elapsed_ms(), 1.0)));
}

WarmReport warm(const WarmFlags& flags, std::span<const std::string> files, VisionLanguageEngine& engine,
                const Tiers& tiers, const std::stop_token& stop) {
  Pipeline pipeline(
      engine, {.embedding_bytes_max = memory_bytes, .prefix_bytes_max = 0, .response_bytes_max = 0, .tiers = &tiers});
  WarmReport report{.pictures = files.size()};
  const Stopwatch watch;
  {
    ProgressBar bar("Warming");
    report.counts = warm_pictures(
        pipeline, tiers, files, {.tenant = flags.tenant, .group = flags.group, .workers = workers()}, stop,
        [&](const WarmCounts& so_far, double fraction) { bar.update(fraction, note_of(so_far, files.size(), watch)); });
  }
  {
    ProgressBar bar("Writing");
    report.all_written = write_all(tiers, write_patience, [&](double fraction) { bar.update(fraction); });
  }
  report.took_ms = watch.elapsed_ms();
  report.interrupted = stop.stop_requested();
  report.tiers = stats_of(&tiers);
  return report;
}

int exit_code_of_report(const WarmReport& report) {
  if (report.interrupted) return 130;
  const bool kept = std::ranges::all_of(report.tiers, [](const TierStats& tier) {
    return tier.write_behind.dropped == 0 &&
           std::ranges::all_of(tier.use, [](const TierUse& use) { return use.write_failed == 0; });
  });
  return report.counts.failed.empty() && !report.counts.gave_up && report.all_written && kept ? 0 : 1;
}

int run(const WarmFlags& flags) {
  const auto files = list_pictures(flags.words);
  if (!files) return exit_code_of(files.error());
  if (files->empty())
    return exit_code_of({Fault::not_found,
                         "no pictures there: folders are searched for .jpg, .png "
                         "and the like, and lists have a file on each line"});
  Interrupts interrupts;
  const auto tiers = tiers_to_fill(flags.tiers);
  if (!tiers) return exit_code_of(tiers.error());
  auto engine = open_engine(flags.model);
  if (!engine) return exit_code_of(engine.error());
  const WarmReport report = warm(flags, *files, **engine, *tiers->tiers(), interrupts.watch());
  if (flags.json)
    std::println("{}", warm_json(report));
  else
    std::print("{}", warm_text(report));
  std::fflush(stdout);
  return exit_code_of_report(report);
}

}  // namespace

void add_warm(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<WarmFlags>();
  CLI::App& warm = *app.add_subcommand("warm", "Encode pictures ahead of the first question about them");
  warm.footer(
      "What is encoded lies in the disk cache (as that of fovea ask) or in a shared server, for every process that "
      "uses\n"
      "it with the same model. A folder stands for all pictures in it and below; a .txt file, or - for standard "
      "input,\n"
      "has a file's name on each line. What is known already is not encoded again, so an interrupted run goes on "
      "where\n"
      "it was. Entries that are computed as fast as they are read back are not kept, and counted.\n\n"
      "  fovea warm catalogue/                                  for fovea ask\n"
      "  fovea warm catalogue/ --disk-cache /var/cache/fovea    before fovea serve --disk-cache /var/cache/fovea\n"
      "  find /srv/shop -name '*.jpg' | fovea warm - --shared valkey://10.0.0.5 --fleet-key-file fleet.key\n\n"
      "A server with a keys file keeps tenants apart: say --tenant, or the --group that its tenants share. Ctrl-C ends "
      "the\n"
      "run; what is done is kept.\n\n"
      "Exit codes: 0 all are there, 1 some failed or could not be written, 2 wrong usage, 130 interrupted.");
  warm.add_option("PICTURE", flags->words, "Picture files, folders, or lists of files (.txt, or - for standard input)")
      ->required()
      ->type_name("")
      ->option_text("...");
  add_model_flags(warm, flags->model);
  add_tier_flags(warm, flags->tiers);
  warm.add_option("--tenant", flags->tenant,
                  "For this tenant, as the keys file of fovea serve names it (default: none)")
      ->type_name("NAME")
      ->group("Cache");
  warm.add_option("--group", flags->group, "For the tenants of this group, as the keys file names it")
      ->type_name("NAME")
      ->group("Cache");
  warm.add_flag("--json", flags->json, "Print one JSON document")->group("Output");
  warm.callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace fovea::app
