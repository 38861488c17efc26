// A disk that nobody asked for stays small, and one that somebody named may grow. A sentence begins with the
// name that the person wrote, be it a flag or an argument, and never repeats a secret.
#include "tier/open/tier_settings.h"

#include <cstdlib>
#include <format>
#include <fstream>

#include "base/units.h"

namespace fovea {

namespace {

constexpr std::size_t fleet_keys_max = 2;  // while one replaces the other

}  // namespace

Result<std::optional<DiskSettings>> disk_settings(const TierSettings& settings) {
  if (settings.no_disk) return std::nullopt;
  std::optional<std::filesystem::path> folder;
  if (!settings.disk_cache.empty())
    folder = settings.disk_cache;
  else if (settings.disk_default == DiskDefault::in_user_cache)
    folder = user_disk_cache();
  if (!folder) return std::nullopt;
  const auto bytes = parse_bytes(!settings.disk_size.empty()   ? settings.disk_size
                                 : settings.disk_cache.empty() ? unnamed_disk_size
                                                               : named_disk_size);
  if (!bytes) return fail(bytes.error().fault, std::format("{}: {}", settings.names.disk_size, bytes.error().message));
  return DiskSettings{*folder, *bytes};
}

Result<std::vector<SealKey>> read_fleet_keys(const std::filesystem::path& file, const TierNames& names) {
  const char* name = names.fleet_key_file;
  std::ifstream in(file);
  if (!in) return fail(Fault::not_found, std::format("{}: '{}' cannot be read", name, file.string()));
  std::vector<SealKey> keys;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    const auto key = Key::from_hex(line);
    if (!key || keys.size() == fleet_keys_max) {
      return fail(Fault::invalid, std::format("{}: '{}' must have one or two lines of 64 hexadecimal digits; write "
                                              "openssl rand -hex 32 > FILE",
                                              name, file.string()));
    }
    keys.push_back(key->bytes);
  }
  if (keys.empty()) {
    return fail(Fault::invalid,
                std::format("{}: '{}' is empty; write openssl rand -hex 32 > FILE", name, file.string()));
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

}  // namespace fovea
