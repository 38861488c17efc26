// fovea cache export: carries a tier's entries into a file, a pack.
#include <CLI/CLI.hpp>
#include <format>
#include <memory>
#include <optional>
#include <print>
#include <string>

#include "app/cache/cache_verbs.h"
#include "app/cache/entry_walk.h"
#include "app/cache/exit_code.h"
#include "app/cache/place.h"
#include "app/cache/since.h"
#include "app/output/cache_text.h"
#include "app/output/json_line.h"
#include "app/terminal/interrupts.h"
#include "app/terminal/progress_bar.h"
#include "base/clock.h"
#include "base/units.h"
#include "store/pack/pack_writer.h"

namespace fovea::app {

namespace json {

struct CacheExport {
  std::string file;
  std::uint64_t entries, bytes, not_believed;
};

}  // namespace json

namespace {

struct ExportFlags {
  std::string file;
  TierFlags tiers;
  std::string kind;
  std::string since;
  bool json = false;
};

// Its own key file, or that of the server.
Result<std::optional<SealKey>> key_of(const TierFlags& flags) {
  if (flags.fleet_key_file.empty()) return std::nullopt;
  const auto keys = read_fleet_keys(flags.fleet_key_file);
  if (!keys) return std::unexpected(keys.error());
  return keys->front();
}

Result<WalkCounts> write_entries(const ExportFlags& flags, Tier& tier, double since, PackWriter& pack,
                                 const std::stop_token& stop) {
  const auto keys = list_keys(tier, kinds_of(flags.kind), stop);
  if (!keys) return std::unexpected(keys.error());
  Result<void> written;
  ProgressBar bar("Exporting");
  auto counts = walk_entries(
      tier, *keys, stop, [&](double fraction) { bar.update(fraction); },
      [&](RecordKind kind, const TierHit& hit) {
        if (hit.record.header.made_unix_ms >= since) written = pack.add(kind, hit.entry);
        return written.has_value();
      });
  if (!written) return std::unexpected(written.error());
  return counts;
}

int run(const ExportFlags& flags) {
  Interrupts interrupts;
  const auto since = flags.since.empty() ? Result<double>(0) : since_unix_ms(flags.since, unix_time_ms());
  if (!since) return exit_code_of({since.error().fault, "--since: " + since.error().message});
  const auto key = key_of(flags.tiers);
  if (!key) return exit_code_of(key.error());
  const auto place = open_place(flags.tiers, Access::look);
  if (!place) return exit_code_of(place.error());
  const auto pack = PackWriter::create(flags.file, *key);
  if (!pack) return exit_code_of(pack.error());
  const auto counts = write_entries(flags, *place->tier, *since, **pack, interrupts.watch());
  if (!counts) return exit_code_of(counts.error());
  if (const auto finished = (*pack)->finish(); !finished) return exit_code_of(finished.error());
  if (flags.json) {
    std::println("{}",
                 json_line(json::CacheExport{flags.file, (*pack)->entries(), (*pack)->bytes(), counts->damaged()}));
  } else {
    std::println("{}: {} entries, {}{}", flags.file, (*pack)->entries(), format_bytes((*pack)->bytes()),
                 *key ? ", sealed with the fleet's key" : "");
    if (const std::string doubts = doubts_text(*counts); !doubts.empty())
      std::println("  left out, as not believed: {}", doubts);
  }
  return counts->damaged() > 0 ? 1 : 0;
}

}  // namespace

void add_cache_export(CLI::App& cache, int& exit_code) {
  auto flags = std::make_shared<ExportFlags>();
  CLI::App& verb = *cache.add_subcommand("export", "Write the entries of a cache into a file");
  verb.footer(
      "For a machine without a network: fovea cache import reads the file there. It holds what pictures show, in the\n"
      "clear, unless the cache is encrypted. With --fleet-key-file its entries are sealed, so that nobody can change\n"
      "them on the way. The file appears when it is whole. The cache is not changed.\n\n"
      "  fovea warm catalogue/ && fovea cache export catalogue.pack\n"
      "  fovea cache export news.pack --since 24h --kind embedding --disk-cache /var/cache/fovea\n"
      "  fovea cache export all.pack --shared valkey://10.0.0.5 --fleet-key-file fleet.key\n\n"
      "Exit codes: 0 done, 1 failed or something was damaged and left out, 2 wrong usage, 130 interrupted.");
  verb.add_option("FILE", flags->file, "The file to write; one of that name is replaced")->required()->type_name("");
  add_place_flags(verb, flags->tiers);
  let_key_stand_alone(verb);
  add_kind_flag(verb, flags->kind);
  verb.add_option("--since", flags->since, "Only what was computed since: 24h or 7d ago, or a day, 2026-11-29 (UTC)")
      ->type_name("WHEN");
  verb.add_flag("--json", flags->json, "Print one JSON document");
  verb.callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace fovea::app
