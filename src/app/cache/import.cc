// fovea cache import: puts the entries of a pack into a tier, each only where its seal proves it.
//
// What is not believed is left out and counted. A pack that is cut off gives what it has up to there, and the
// exit code says that it was not all.
#include <CLI/CLI.hpp>
#include <format>
#include <memory>
#include <optional>
#include <print>
#include <string>
#include <utility>
#include <vector>

#include "app/cache/cache_verbs.h"
#include "app/cache/entry_walk.h"
#include "app/cache/exit_code.h"
#include "app/cache/place.h"
#include "app/output/cache_text.h"
#include "app/output/json_line.h"
#include "app/terminal/interrupts.h"
#include "app/terminal/progress_bar.h"
#include "store/pack/pack_reader.h"

namespace fovea::app {

namespace json {

struct CacheImport {
  std::string file;
  std::uint64_t imported, not_believed, too_large;
  std::optional<std::uint64_t> entries_now;  // of a disk, which keeps what is worth most
  std::string error;                         // why it ended before the file did
};

}  // namespace json

namespace {

struct ImportFlags {
  std::string file;
  TierFlags tiers;
  bool json = false;
};

struct Imported {
  WalkCounts counts;  // sound ones are those that were put there
  std::uint64_t too_large = 0;
  std::optional<Error> ended;  // before the file did

  bool is_whole() const { return !ended && too_large == 0 && counts.damaged() == 0; }
};

// Faults: those of Tier::insert, but for too_large.
Result<void> put(Tier& tier, const PackReader::Entry& entry, Imported& imported) {
  if (!entry) {
    ++imported.counts.doubtful[static_cast<std::size_t>(entry.error())];
    return {};
  }
  const auto inserted = tier.insert(entry->kind, entry->hit.entry);
  if (inserted)
    ++imported.counts.sound;
  else if (inserted.error().fault == Fault::too_large)
    ++imported.too_large;
  else
    return inserted;
  return {};
}

Imported import_pack(PackReader& pack, Tier& tier, const std::stop_token& stop) {
  Imported imported;
  ProgressBar bar("Importing");
  while (!imported.ended) {
    if (stop.stop_requested()) {
      imported.ended = {Fault::cancelled, "interrupted"};
      break;
    }
    auto next = pack.next();
    if (!next)
      imported.ended = next.error();
    else if (!*next)
      break;
    else if (const auto done = put(tier, **next, imported); !done)
      imported.ended = done.error();
    bar.update(pack.fraction());
  }
  return imported;
}

// A disk that is too small for all of a pack keeps what is worth most of it. nullopt of a server, which
// counts none.
std::optional<std::uint64_t> entries_now(const Tier& tier) {
  if (tier.kind() != TierKind::disk) return std::nullopt;
  std::uint64_t entries = 0;
  for (const RecordKind kind : all_record_kinds) entries += tier.content(kind).entries;
  return entries;
}

void print(const ImportFlags& flags, const Place& place, const Imported& imported) {
  if (flags.json) {
    std::println("{}", json_line(json::CacheImport{.file = flags.file,
                                                   .imported = imported.counts.sound,
                                                   .not_believed = imported.counts.damaged(),
                                                   .too_large = imported.too_large,
                                                   .entries_now = entries_now(*place.tier),
                                                   .error = imported.ended ? imported.ended->message : ""}));
    return;
  }
  std::println("{}: {} entries from {}", place.name, imported.counts.sound, flags.file);
  if (const std::string doubts = doubts_text(imported.counts); !doubts.empty())
    std::println("  left out, as not believed: {}", doubts);
  if (imported.too_large > 0) std::println("  left out, as too large for it: {}", imported.too_large);
  if (const auto now = entries_now(*place.tier)) std::println("  it has {} entries now", *now);
}

int run(const ImportFlags& flags) {
  std::vector<SealKey> keys;
  if (!flags.tiers.fleet_key_file.empty()) {
    auto read = read_fleet_keys(flags.tiers.fleet_key_file);
    if (!read) return exit_code_of(read.error());
    keys = std::move(*read);
  }
  const auto pack = PackReader::open(flags.file, keys);
  if (!pack) return exit_code_of(pack.error());
  Interrupts interrupts;
  const auto place = open_place(flags.tiers, Access::fill);
  if (!place) return exit_code_of(place.error());
  if (place->is_others)
    return exit_code_of({Fault::unavailable, std::format("another process has {} open: end it first", place->name)});
  const Imported imported = import_pack(**pack, *place->tier, interrupts.watch());
  print(flags, *place, imported);
  if (imported.ended) return exit_code_of(*imported.ended);
  return imported.is_whole() ? 0 : 1;
}

}  // namespace

void add_cache_import(CLI::App& cache, int& exit_code) {
  auto flags = std::make_shared<ImportFlags>();
  CLI::App& verb = *cache.add_subcommand("import", "Put the entries of a file into a cache");
  verb.footer(
      "Each entry is checked; one that was damaged on the way is left out and counted. With --fleet-key-file, entries\n"
      "that were not sealed with that key are left out too. An entry names the model that made it, so those of other\n"
      "models do no harm. What was purged after the export comes back with an import.\n\n"
      "  fovea cache import catalogue.pack                      for fovea ask\n"
      "  fovea cache import catalogue.pack --disk-cache /var/cache/fovea --disk-size 100GiB\n"
      "  fovea cache import all.pack --shared valkey://10.0.0.5 --fleet-key-file fleet.key\n\n"
      "Exit codes: 0 all of it, 1 failed or something was left out, 2 wrong usage, 130 interrupted.");
  verb.add_option("FILE", flags->file, "The file that fovea cache export wrote")->required()->type_name("");
  add_place_flags(verb, flags->tiers);
  let_key_stand_alone(verb);
  add_size_flag(verb, flags->tiers);
  verb.add_flag("--json", flags->json, "Print one JSON document");
  verb.callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace fovea::app
