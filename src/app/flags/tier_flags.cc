#include "app/flags/tier_flags.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "base/units.h"

namespace fovea::app {

namespace {

constexpr const char* group = "Cache";
// A folder that somebody named may grow; one that nobody asked for stays small.
constexpr const char* named_size = "10GiB";
constexpr const char* unnamed_size = "2GiB";

}  // namespace

void add_tier_flags(CLI::App& verb, TierFlags& flags) {
  const bool by_default = flags.disk_default == DiskDefault::in_user_cache;
  auto* disk =
      verb.add_option("--disk-cache", flags.disk_cache,
                      by_default ? "The folder of the disk cache, in place of fovea/disk in the user's cache folder"
                                 : "Also keep results in this folder, so that they outlive the process")
          ->type_name("DIR")
          ->group(group);
  auto* size = verb.add_option("--disk-size", flags.disk_size,
                               std::string("Bytes that the disk cache takes at most [") +
                                   (by_default ? std::string(unnamed_size) + ", or " + named_size + " with --disk-cache]"
                                               : std::string(named_size) + "]"))
                   ->type_name("SIZE")
                   ->group(group);
  if (!by_default) {
    size->needs(disk);
    return;
  }
  verb.add_flag("--no-disk", flags.no_disk, "Keep nothing on the disk, and find nothing there")
      ->excludes(disk, size)
      ->group(group);
}

Result<std::optional<DiskSettings>> disk_settings(const TierFlags& flags) {
  if (flags.no_disk) return std::nullopt;
  std::optional<std::filesystem::path> folder;
  if (!flags.disk_cache.empty())
    folder = flags.disk_cache;
  else if (flags.disk_default == DiskDefault::in_user_cache)
    folder = user_disk_cache();
  if (!folder) return std::nullopt;
  const auto bytes = parse_bytes(!flags.disk_size.empty()    ? flags.disk_size
                                 : flags.disk_cache.empty() ? unnamed_size
                                                            : named_size);
  if (!bytes) return fail(bytes.error().fault, "--disk-size: " + bytes.error().message);
  return DiskSettings{*folder, *bytes};
}

std::optional<std::filesystem::path> user_disk_cache() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return std::filesystem::path(cache) / "fovea" / "disk";
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return std::filesystem::path(home) / ".cache" / "fovea" / "disk";
  return std::nullopt;
}

}  // namespace fovea::app
