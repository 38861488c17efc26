// The flags that say where results are kept besides memory, shared by every verb with a cache.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "fovea/result.h"

namespace CLI {
class App;
}

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
};

// Adds the flags to `verb`. `flags`, whose default is set, must outlive its parsing.
void add_tier_flags(CLI::App& verb, TierFlags& flags);

struct DiskSettings {
  std::filesystem::path folder;
  std::uint64_t bytes_max;
};

// Where on a disk results are to be kept; nullopt: nowhere. Faults: invalid, with the flag's name before the
// sentence.
Result<std::optional<DiskSettings>> disk_settings(const TierFlags& flags);

// fovea/disk in the user's cache folder ($XDG_CACHE_HOME or ~/.cache); nullopt where there is none.
std::optional<std::filesystem::path> user_disk_cache();

}  // namespace fovea::app
