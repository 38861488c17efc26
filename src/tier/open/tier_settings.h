// TierSettings: where a process keeps results besides its memory, as a person wrote it.
//
// Sizes and addresses stay text until they are read, so that a wrong one is reported like any other wrong
// value, under the name that the person knows it by. Plain values; thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fovea/result.h"
#include "store/sealed_entry.h"

namespace fovea {

// What is used where nobody names a disk.
enum class DiskDefault : std::uint8_t {
  none,           // nothing is kept on a disk
  in_user_cache,  // in the user's cache folder
};

// What the settings are called where they are written.
struct TierNames {
  const char* disk = "--disk-cache";
  const char* disk_size = "--disk-size";
  const char* shared = "--shared";
  const char* fleet_key_file = "--fleet-key-file";
  const char* encrypt = "--encrypt-tiers";
};

struct TierSettings {
  DiskDefault disk_default = DiskDefault::none;
  std::string disk_cache;
  std::string disk_size;
  bool no_disk = false;
  std::string shared;  // a server's address; empty = none
  std::string shared_password_file;
  std::string shared_ca_file;
  std::string fleet_key_file;
  bool encrypt_tiers = false;
  // Whether a shared server may do without fleet keys: then whoever can write to it chooses what is found.
  bool may_share_without_key = false;
  TierNames names{};
};

// A folder that somebody named may grow; one that nobody asked for stays small.
constexpr const char* named_disk_size = "10GiB";
constexpr const char* unnamed_disk_size = "2GiB";

struct DiskSettings {
  std::filesystem::path folder;
  std::uint64_t bytes_max;
};

// Where on a disk results are to be kept; nullopt: nowhere. Faults: invalid, with the setting's name before
// the sentence.
Result<std::optional<DiskSettings>> disk_settings(const TierSettings& settings);

// The keys that seal what a shared tier keeps, as the file has them: one or two lines of 64 hexadecimal
// digits, the first for sealing. Faults: not_found; invalid, with what to write instead.
Result<std::vector<SealKey>> read_fleet_keys(const std::filesystem::path& file, const TierNames& names = {});

// fovea/disk in the user's cache folder ($XDG_CACHE_HOME or ~/.cache); nullopt where there is none.
std::optional<std::filesystem::path> user_disk_cache();

}  // namespace fovea
