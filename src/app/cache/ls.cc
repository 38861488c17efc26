// fovea cache ls: the entries of a tier, a line each.
//
// Without an order the first that are found are shown, and no more is read. For an order all are read, and
// the first rows of it are kept.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>
#include <print>
#include <string>
#include <vector>

#include "app/cache/cache_row.h"
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

struct LsFlags {
  TierFlags tiers;
  std::string kind;
  std::size_t limit = 20;
  std::string sort = "none";
  bool json = false;
};

constexpr std::size_t limit_max = 1'000'000;  // rows lie in memory

// What is shown first: the newest, the largest, or what saves most.
double rank_of(const CacheRow& row, const std::string& sort) {
  if (sort == "age") return row.made_unix_ms;
  if (sort == "bytes") return static_cast<double>(row.bytes);
  return row.cost_ms;
}

// Keeps the first `limit` rows in the order, and some more until there are twice as many.
void shorten(std::vector<CacheRow>& rows, std::size_t limit, const std::string& sort) {
  std::ranges::stable_sort(rows, std::greater<>(), [&](const CacheRow& row) { return rank_of(row, sort); });
  if (rows.size() > limit) rows.resize(limit);
}

Result<std::vector<CacheRow>> find_rows(Tier& tier, const LsFlags& flags, const std::stop_token& stop) {
  const bool all = flags.sort != "none";
  const auto kinds = kinds_of(flags.kind);
  const auto keys = all ? list_keys(tier, kinds, stop) : list_some_keys(tier, kinds, stop, flags.limit);
  if (!keys) return std::unexpected(keys.error());
  std::vector<CacheRow> rows;
  ProgressBar bar("Reading");
  const auto walked = walk_entries(
      tier, *keys, stop, [&](double fraction) { bar.update(fraction); },
      [&](RecordKind kind, const TierHit& hit) {
        rows.push_back(CacheRow::of(kind, hit));
        if (all && rows.size() >= 2 * flags.limit) shorten(rows, flags.limit, flags.sort);
        return all || rows.size() < flags.limit;
      });
  if (!walked) return std::unexpected(walked.error());
  if (all) shorten(rows, flags.limit, flags.sort);
  return rows;
}

int run(const LsFlags& flags) {
  Interrupts interrupts;
  const auto place = open_place(flags.tiers, Access::look);
  if (!place) return exit_code_of(place.error());
  const auto rows = find_rows(*place->tier, flags, interrupts.watch());
  if (!rows) return exit_code_of(rows.error());
  if (!flags.json) {
    std::print("{}", rows_text(*rows, unix_time_ms()));
    return 0;
  }
  for (const CacheRow& row : *rows) std::println("{}", row_json(row));
  return 0;
}

}  // namespace

void add_cache_ls(CLI::App& cache, int& exit_code) {
  auto flags = std::make_shared<LsFlags>();
  CLI::App& ls = *cache.add_subcommand("ls", "List the entries of a disk cache or a shared server");
  ls.footer(
      "Keys, tenants and scopes are hashes: what they were made from cannot be read from them. Images are named by "
      "the\n"
      "image_key that fovea ask --json prints. A folder is not changed, and a server may use it meanwhile.\n\n"
      "  fovea cache ls                                         the first 20 that are found\n"
      "  fovea cache ls --sort cost --kind prefix               what saves most\n"
      "  fovea cache ls --disk-cache DIR --limit 1000 --json    one object a line, with whole keys\n\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.");
  add_place_flags(ls, flags->tiers);
  add_kind_flag(ls, flags->kind);
  ls.add_option("--limit", flags->limit, "At most so many")
      ->check(CLI::Range(std::size_t{1}, limit_max))
      ->type_name("N")
      ->capture_default_str();
  ls.add_option("--sort", flags->sort,
                "What comes first: the newest (age), the largest (bytes), what saves most (cost); none = as found")
      ->check(CLI::IsMember({"none", "age", "bytes", "cost"}))
      ->type_name("ORDER")
      ->capture_default_str();
  ls.add_flag("--json", flags->json, "Print each entry as one JSON object on one line");
  ls.callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace fovea::app
