// Sizes and addresses stay text until they are read, so that a wrong one is reported like any other wrong
// value. A disk cache that nobody asked for stays small, and one that somebody named may grow.
#include "app/flags/tier_flags.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <format>
#include <fstream>

#include "base/units.h"

namespace fovea::app {

namespace {

constexpr const char* cache_group = "Cache";
constexpr std::size_t fleet_keys_max = 2;  // while one replaces the other
// A folder that somebody named may grow; one that nobody asked for stays small.
constexpr const char* named_size = "10GiB";
constexpr const char* unnamed_size = "2GiB";

}  // namespace

CLI::Option* add_shared_flags(CLI::App& verb, TierFlags& flags, const std::string& about, const std::string& group) {
  auto* shared =
      verb.add_option("--shared", flags.shared, about + " (valkey://[USER@]HOST[:PORT][,HOST...], valkeys:// for TLS)")
          ->type_name("ADDRESS")
          ->group(group);
  auto* key = verb.add_option("--fleet-key-file", flags.fleet_key_file,
                              "The secret of all who share, so that nobody else can put results there: 64 hexadecimal "
                              "digits (openssl rand -hex 32), and on a second line the one before, while it changes")
                  ->type_name("FILE")
                  ->needs(shared)
                  ->group(group);
  shared->needs(key);
  verb.add_option("--shared-password-file", flags.shared_password_file,
                  "The server's password [FOVEA_VALKEY_PASSWORD of the environment]")
      ->type_name("FILE")
      ->needs(shared)
      ->group(group);
  verb.add_option("--shared-ca-file", flags.shared_ca_file, "Certificates to believe, for valkeys:// [the system's]")
      ->type_name("FILE")
      ->needs(shared)
      ->group(group);
  return shared;
}

void add_tier_flags(CLI::App& verb, TierFlags& flags) {
  auto* shared =
      add_shared_flags(verb, flags, "Share results through this Valkey or Redis server, or Cluster", cache_group);
  auto* fleet_key = verb.get_option("--fleet-key-file");
  fleet_key->remove_needs(shared);  // the disk alone may be encrypted too
  verb.add_flag(
          "--encrypt-tiers", flags.encrypt_tiers,
          "Encrypt what is kept outside memory, by a key for each tenant: of the secret of --fleet-key-file and one "
          "of the tenant's own, which is destroyed when all that the tenant stored is removed")
      ->group(cache_group);
  const bool by_default = flags.disk_default == DiskDefault::in_user_cache;
  auto* disk =
      verb.add_option("--disk-cache", flags.disk_cache,
                      by_default ? "The folder of the disk cache, in place of fovea/disk in the user's cache folder"
                                 : "Also keep results in this folder, so that they outlive the process")
          ->type_name("DIR")
          ->group(cache_group);
  auto* size =
      verb.add_option("--disk-size", flags.disk_size,
                      std::string("Bytes that the disk cache takes at most [") +
                          (by_default ? std::string(unnamed_size) + ", or " + named_size + " with --disk-cache]"
                                      : std::string(named_size) + "]"))
          ->type_name("SIZE")
          ->group(cache_group);
  if (!by_default) {
    size->needs(disk);
    return;
  }
  verb.add_flag("--no-disk", flags.no_disk, "Keep nothing on the disk, and find nothing there")
      ->excludes(disk, size)
      ->group(cache_group);
}

Result<std::optional<DiskSettings>> disk_settings(const TierFlags& flags) {
  if (flags.no_disk) return std::nullopt;
  std::optional<std::filesystem::path> folder;
  if (!flags.disk_cache.empty())
    folder = flags.disk_cache;
  else if (flags.disk_default == DiskDefault::in_user_cache)
    folder = user_disk_cache();
  if (!folder) return std::nullopt;
  const auto bytes = parse_bytes(!flags.disk_size.empty()   ? flags.disk_size
                                 : flags.disk_cache.empty() ? unnamed_size
                                                            : named_size);
  if (!bytes) return fail(bytes.error().fault, "--disk-size: " + bytes.error().message);
  return DiskSettings{*folder, *bytes};
}

Result<std::vector<SealKey>> read_fleet_keys(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return fail(Fault::not_found, std::format("--fleet-key-file: '{}' cannot be read", file.string()));
  std::vector<SealKey> keys;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    const auto key = Key::from_hex(line);
    if (!key || keys.size() == fleet_keys_max) {
      return fail(Fault::invalid,
                  std::format("--fleet-key-file: '{}' must have one or two lines of 64 hexadecimal digits; write "
                              "openssl rand -hex 32 > FILE",
                              file.string()));
    }
    keys.push_back(key->bytes);
  }
  if (keys.empty()) {
    return fail(Fault::invalid,
                std::format("--fleet-key-file: '{}' is empty; write openssl rand -hex 32 > FILE", file.string()));
  }
  return keys;
}

std::optional<std::filesystem::path> user_disk_cache() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return std::filesystem::path(cache) / "fovea" / "disk";
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return std::filesystem::path(home) / ".cache" / "fovea" / "disk";
  return std::nullopt;
}

}  // namespace fovea::app
