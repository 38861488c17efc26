// Flags keep the text that a person wrote. tier_settings.cc reads it, so that a wrong size or address is
// reported like any other wrong value.
#include "app/flags/tier_flags.h"

#include <CLI/CLI.hpp>

namespace fovea::app {

namespace {

constexpr const char* cache_group = "Cache";

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
  auto* size = verb.add_option("--disk-size", flags.disk_size,
                               std::string("Bytes that the disk cache takes at most [") +
                                   (by_default ? std::string(unnamed_disk_size) + ", or " + named_disk_size +
                                                     " with --disk-cache]"
                                               : std::string(named_disk_size) + "]"))
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

}  // namespace fovea::app
