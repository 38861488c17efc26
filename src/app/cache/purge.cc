// fovea cache purge: removes from a tier what a tenant stored, what was made from a picture, or everything.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <format>
#include <memory>
#include <optional>
#include <print>
#include <span>
#include <string>

#include "app/cache/cache_verbs.h"
#include "app/cache/entry_walk.h"
#include "app/cache/exit_code.h"
#include "app/cache/place.h"
#include "app/read_source.h"
#include "app/terminal/interrupts.h"
#include "app/terminal/progress_bar.h"
#include "image/decode.h"
#include "pipeline/levels/scope.h"
#include "store/purge_label.h"

namespace fovea::app {

namespace {

struct PurgeFlags {
  TierFlags tiers;
  std::optional<std::string> tenant;
  std::string image;  // a file, or an image key in digits
  bool all = false;
};

constexpr std::size_t erased_at_a_time = 1000;

Result<Key> image_key_of(const std::string& image) {
  if (const auto key = Key::from_hex(image)) return *key;
  const auto source = read_source(image);
  if (!source) return std::unexpected(source.error());
  const auto decoded = decode(source->bytes());
  if (!decoded) return fail(decoded.error().fault, std::format("{}: {}", image, decoded.error().message));
  return image_key(*decoded);
}

// How many entries went. Those who share the tier are told, and nothing is found any more before the entries
// make room. Of more than a list holds, the rest make room when they are evicted, and are not counted.
Result<std::size_t> erase_all(Tier& tier, const std::stop_token& stop) {
  const auto keys = list_some_keys(tier, all_record_kinds, stop, walked_keys_max);
  if (!keys) return std::unexpected(keys.error());
  const PurgeLabel everything = PurgeLabel::of_everything();
  if (const auto purged = tier.purge_labels(std::span(&everything, 1)); !purged) return std::unexpected(purged.error());
  ProgressBar bar("Removing");
  for (std::size_t at = 0; at < keys->size();) {
    if (stop.stop_requested()) return fail(Fault::cancelled, std::format("interrupted: {} entries were removed", at));
    const RecordKind kind = (*keys)[at].kind;
    std::vector<Key> some;
    for (; at < keys->size() && some.size() < erased_at_a_time && (*keys)[at].kind == kind; ++at)
      some.push_back((*keys)[at].key);
    if (const auto erased = tier.erase(kind, some); !erased) return std::unexpected(erased.error());
    bar.update(static_cast<double>(at) / static_cast<double>(keys->size()));
  }
  return keys->size();
}

// What was done, in a sentence.
Result<std::string> purge(const PurgeFlags& flags, const Place& place, const std::stop_token& stop) {
  if (flags.all) {
    const auto erased = erase_all(*place.tier, stop);
    if (!erased) return std::unexpected(erased.error());
    return std::format("removed {} entries from {}", *erased, place.name);
  }
  const std::string tenant = flags.tenant.value_or("");
  const std::string whose = tenant.empty() ? "those without a tenant's key" : std::format("tenant '{}'", tenant);
  const Key label = tenant_label(tenant);
  if (flags.image.empty()) {
    const std::array<PurgeLabel, 2> all = {
        {{.tenant = label, .image = {}}, {.tenant = file_tenant_label(tenant), .image = {}}}};
    if (const auto purged = place.tier->purge_labels(all); !purged) return std::unexpected(purged.error());
    return std::format("purged all that {} stored in {}", whose, place.name);
  }
  const auto image = image_key_of(flags.image);
  if (!image) return std::unexpected(image.error());
  if (const auto purged = place.tier->purge(label, *image); !purged) return std::unexpected(purged.error());
  return std::format("purged what {} stored of image {} in {}", whose, image->hex(), place.name);
}

int run(const PurgeFlags& flags) {
  if (!flags.all && !flags.tenant && flags.image.empty())
    return exit_code_of({Fault::invalid, "nothing is said to be purged: name a --tenant, an --image, or --all"});
  Interrupts interrupts;
  const auto place = open_place(flags.tiers, Access::change);
  if (!place) return exit_code_of(place.error());
  if (place->is_others) {
    return exit_code_of(
        {Fault::unavailable, std::format("another process has {} open: send it DELETE /v1/cache/images/KEY or POST "
                                         "/v1/cache/reset, or end it first",
                                         place->name)});
  }
  const auto done = purge(flags, *place, interrupts.watch());
  if (!done) return exit_code_of(done.error());
  std::println("{}", *done);
  return 0;
}

}  // namespace

void add_cache_purge(CLI::App& cache, int& exit_code) {
  auto flags = std::make_shared<PurgeFlags>();
  CLI::App& purge_verb = *cache.add_subcommand("purge", "Remove what a tenant stored, or what was made from a picture");
  purge_verb.footer(
      "What was purged is found by nobody any more when this ends, after a crash too. Its bytes stay in the files of "
      "a\n"
      "disk until those are dropped. Processes that share a server remove it from their memory within seconds; of "
      "another\n"
      "process, send DELETE /v1/cache/images/KEY or POST /v1/cache/reset to it. A tenant's uploaded files go with\n"
      "--tenant, and stay with --image.\n\n"
      "  fovea cache purge --image photo.jpg                    what fovea ask kept of a picture\n"
      "  fovea cache purge --tenant alice --shared valkey://10.0.0.5 --fleet-key-file fleet.key\n"
      "  fovea cache purge --all --disk-cache /var/cache/fovea\n\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.");
  add_place_flags(purge_verb, flags->tiers);
  let_key_stand_alone(purge_verb);
  auto* encrypted = purge_verb.add_flag("--encrypt-tiers", flags->tiers.encrypt_tiers,
                                        "The cache is encrypted: destroy the tenant's secret first, so that no copy of "
                                        "what it stored can be read any more");
  encrypted->needs(purge_verb.get_option("--fleet-key-file"));
  auto* tenant =
      purge_verb
          .add_option("--tenant", flags->tenant,
                      "What this tenant stored and uploaded, as the keys file of fovea serve names it (default with "
                      "--image: fovea ask, and whoever asks a server that has no keys file)")
          ->type_name("NAME");
  auto* image = purge_verb
                    .add_option("--image", flags->image,
                                "Only what was made from this picture: its file, or its key, 64 hexadecimal digits")
                    ->type_name("FILE");
  purge_verb
      .add_flag("--all", flags->all,
                "Every entry of every tenant, uploaded files too, but for those in the memory of a server that runs")
      ->excludes(tenant, image, encrypted);
  purge_verb.callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace fovea::app
