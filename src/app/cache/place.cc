// A disk that is opened with a smaller limit than it was filled with would lose entries, so it is opened with
// the limit that it had last. Who only looks does not take its lock: a server that starts at that moment
// could not write.
#include "app/cache/place.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <format>
#include <utility>

#include "tier/open/open_tier.h"
#include "tier/open/tier_encryption.h"
#include "tier/rocksdb/disk_limit.h"

namespace fovea::app {

namespace {

constexpr const char* group = "Place";

Result<Place> open_disk_place(const TierFlags& flags, Access access) {
  const auto settings = disk_of_place(flags);
  if (!settings) return std::unexpected(settings.error());
  Place place{.tier = nullptr, .name = name_of_place(flags), .limit_bytes = settings->bytes_max};
  if (flags.encrypt_tiers && access != Access::fill && std::filesystem::exists(settings->folder) &&
      !TierEncryption::has_secrets(settings->folder)) {
    return fail(Fault::invalid,
                std::format("--encrypt-tiers: {} has no secrets beside it: they lie on a server, name that with "
                            "--shared instead",
                            place.name));
  }
  // What is changed must be there and readable: a mistyped name makes no new folder, and a look empties none.
  auto tier = open_disk_tier(*settings, true);
  const bool may_be_new = access == Access::fill && !tier && tier.error().fault == Fault::not_found;
  if (!tier && !may_be_new) return std::unexpected(tier.error());
  if (access != Access::look) {
    if (tier) tier->reset();
    tier = open_disk_tier(*settings);
    if (!tier) return std::unexpected(tier.error());
    place.is_others = (*tier)->read_only();
  }
  if (!flags.encrypt_tiers) {
    place.tier = std::move(*tier);
    return place;
  }
  const auto encryption = TierEncryption::open(flags, nullptr, true);
  if (!encryption) return std::unexpected(encryption.error());
  auto encrypted = encryption->around_disk(std::move(*tier), settings->folder);
  if (!encrypted) return std::unexpected(encrypted.error());
  place.tier = std::move(*encrypted);
  return place;
}

}  // namespace

void add_place_flags(CLI::App& verb, TierFlags& flags) {
  flags.disk_default = DiskDefault::in_user_cache;
  auto* disk = verb.add_option("--disk-cache", flags.disk_cache,
                               "The folder of a disk cache (default: fovea/disk in the user's cache folder)")
                   ->type_name("DIR")
                   ->group(group);
  add_shared_flags(verb, flags, "Use this shared server, in place of a disk", group)->excludes(disk);
}

void let_key_stand_alone(CLI::App& verb) {
  verb.get_option("--fleet-key-file")->remove_needs(verb.get_option("--shared"));
}

void add_size_flag(CLI::App& verb, TierFlags& flags) {
  verb.add_option("--disk-size", flags.disk_size,
                  "Bytes that the disk cache takes at most (default: as it was used last)")
      ->type_name("SIZE")
      ->group(group);
}

void add_kind_flag(CLI::App& verb, std::string& kind) {
  std::string names;
  for (const RecordKind each : all_record_kinds) names.append(names.empty() ? "" : ",").append(to_string(each));
  verb.add_option("--kind", kind, "Only entries of this kind")
      ->check(CLI::IsMember(CLI::detail::split(names, ',')))
      ->type_name("KIND");
}

std::vector<RecordKind> kinds_of(const std::string& kind) {
  std::vector<RecordKind> kinds;
  for (const RecordKind each : all_record_kinds) {
    if (kind.empty() || to_string(each) == kind) kinds.push_back(each);
  }
  return kinds;
}

Result<DiskSettings> disk_of_place(const TierFlags& flags) {
  auto settings = disk_settings(flags);
  if (!settings) return std::unexpected(settings.error());
  if (!*settings) return fail(Fault::invalid, "no cache folder of the user is known: name one with --disk-cache");
  if (!flags.disk_size.empty()) return **settings;
  return DiskSettings{(*settings)->folder, disk_limit((*settings)->folder).value_or((*settings)->bytes_max)};
}

std::string name_of_place(const TierFlags& flags) {
  if (!flags.shared.empty()) return std::format("the shared cache {}", flags.shared);
  const std::string folder = flags.disk_cache.empty() ? user_disk_cache().value_or("").string() : flags.disk_cache;
  return std::format("the disk cache '{}'", folder);
}

Result<Place> open_place(const TierFlags& flags, Access access) {
  if (flags.shared.empty()) return open_disk_place(flags, access);
  auto tier = open_shared_tier(flags);
  if (!tier) return std::unexpected(tier.error());
  const auto encryption = TierEncryption::open(flags, tier->get(), false);
  if (!encryption) return std::unexpected(encryption.error());
  return Place{.tier = encryption->around_shared(std::move(*tier)), .name = name_of_place(flags), .limit_bytes = {}};
}

}  // namespace fovea::app
