// The flags that say where results are kept besides memory, shared by every verb with a cache.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fovea/result.h"
#include "store/sealed_entry.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace fovea::app {

// What a verb does where no flag says otherwise.
enum class DiskDefault : std::uint8_t {
  none,           // nothing is kept on a disk
  in_user_cache,  // in the user's cache folder
};

struct TierFlags {
  DiskDefault disk_default = DiskDefault::none;
  std::string disk_cache;
  std::string disk_size;
  bool no_disk = false;
  std::string shared;  // a server's address; empty = none
  std::string shared_password_file;
  std::string shared_ca_file;
  std::string fleet_key_file;
  bool encrypt_tiers = false;
};

// Adds the flags to `verb`. `flags`, whose default is set, must outlive its parsing.
void add_tier_flags(CLI::App& verb, TierFlags& flags);

// Adds those of the shared server alone; `about` says what it is for. The flag --shared.
CLI::Option* add_shared_flags(CLI::App& verb, TierFlags& flags, const std::string& about, const std::string& group);

struct DiskSettings {
  std::filesystem::path folder;
  std::uint64_t bytes_max;
};

// Where on a disk results are to be kept; nullopt: nowhere. Faults: invalid, with the flag's name before the
// sentence.
Result<std::optional<DiskSettings>> disk_settings(const TierFlags& flags);

// The keys that seal what a shared tier keeps, as the file has them: one or two lines of 64 hexadecimal
// digits, the first for sealing. Faults: not_found; invalid, with what to write instead.
Result<std::vector<SealKey>> read_fleet_keys(const std::filesystem::path& file);

// fovea/disk in the user's cache folder ($XDG_CACHE_HOME or ~/.cache); nullopt where there is none.
std::optional<std::filesystem::path> user_disk_cache();

}  // namespace fovea::app
