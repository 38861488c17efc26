// RocksDB holds a lock of the kernel on the file LOCK, which says whose it is without taking it.
#include "app/cache/disk_checks.h"

#include <fcntl.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/units.h"
#include "tier/rocksdb/rocksdb_tier.h"

namespace fovea::app {

namespace {

namespace fs = std::filesystem;

// Where a read may hang for as long as a network is broken (linux/magic.h, and the sources of the last two).
constexpr std::array<std::uint32_t, 4> network_file_systems = {0x6969, 0x517b, 0xff534d42, 0xfe534d42};
constexpr std::uint32_t memory_file_system = 0x01021994;  // tmpfs

std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code ignored;
    const auto size = at->is_regular_file(ignored) ? at->file_size(ignored) : 0;
    if (!ignored) bytes += size;
  }
  return bytes;
}

// The folder, or what of it is there.
fs::path existing_part(fs::path folder) {
  std::error_code ignored;
  folder = fs::absolute(folder, ignored);
  while (!fs::exists(folder, ignored) && folder != folder.parent_path()) folder = folder.parent_path();
  return folder;
}

Finding check_writable(const fs::path& folder) {
  const fs::path there = existing_part(folder);
  std::error_code ignored;
  if (!fs::is_directory(there, ignored))
    return {Grade::wrong, std::format("'{}' is no folder", there.string()), "name another one with --disk-cache"};
  if (::access(there.c_str(), W_OK | X_OK) != 0) {
    return {Grade::wrong, std::format("'{}' cannot be written: {}", there.string(), std::strerror(errno)),
            "give its user the right to write it, or name another one with --disk-cache"};
  }
  if (!fs::exists(folder, ignored))
    return {Grade::ok, std::format("'{}' is not there yet, and can be made", folder.string()), ""};
  return {Grade::ok, std::format("'{}' can be written", folder.string()), ""};
}

Finding check_room(const fs::path& folder, std::uint64_t limit_bytes) {
  struct statfs system{};
  if (::statfs(existing_part(folder).c_str(), &system) != 0)
    return {Grade::warning, std::format("its file system tells nothing: {}", std::strerror(errno)),
            "look at it with df"};
  const std::uint64_t free = static_cast<std::uint64_t>(system.f_bavail) * static_cast<std::uint64_t>(system.f_bsize);
  const std::uint64_t used = bytes_below(folder);
  const std::string what = std::format("uses {} of {}; {} are free on the file system", format_bytes(used),
                                       format_bytes(limit_bytes), format_bytes(free));
  if (used + free >= limit_bytes) return {Grade::ok, what, ""};
  return {
      Grade::warning, what,
      std::format("lower --disk-size to {} or less, or make room: when the file system is full, nothing more is kept, "
                  "and others on it suffer too",
                  format_bytes((used + free) / 10 * 9))};
}

std::optional<Finding> check_file_system(const fs::path& folder) {
  struct statfs system{};
  if (::statfs(existing_part(folder).c_str(), &system) != 0) return std::nullopt;
  const auto type = static_cast<std::uint32_t>(system.f_type);
  if (std::ranges::contains(network_file_systems, type))
    return Finding{Grade::warning, "its file system is on a network",
                   "use a disk of this machine: a read that the network does not answer holds its request"};
  if (type == memory_file_system)
    return Finding{Grade::warning, "its file system lies in memory (tmpfs)",
                   "use a disk: this one ends with the machine"};
  return std::nullopt;
}

Finding check_holder(const fs::path& database) {
  const int file = ::open((database / "LOCK").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {Grade::ok, "no process has it open", ""};
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool asked = ::fcntl(file, F_GETLK, &lock) == 0;
  ::close(file);
  if (!asked || lock.l_type == F_UNLCK) return {Grade::ok, "no process has it open", ""};
  return {Grade::ok, std::format("process {} writes it; others read what was there when they began", lock.l_pid), ""};
}

std::vector<Finding> check_versions(const fs::path& folder) {
  std::vector<Finding> findings;
  std::error_code error;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name == RocksdbTier::format_folder)
      findings.push_back({Grade::ok, std::format("format {}, this program's", name), ""});
    else if (name.size() > 1 && name.front() == 'v' && name.find_first_not_of("0123456789", 1) == std::string::npos)
      findings.push_back(
          {Grade::warning,
           std::format("format {}, another version's, takes {}", name, format_bytes(bytes_below(at->path()))),
           "remove that folder when no program of that version uses it any more"});
  }
  return findings;
}

}  // namespace

std::vector<Finding> check_folder(const fs::path& folder, std::uint64_t limit_bytes) {
  std::vector<Finding> findings = {check_writable(folder), check_room(folder, limit_bytes)};
  if (auto finding = check_file_system(folder)) findings.push_back(std::move(*finding));
  findings.push_back(check_holder(folder / RocksdbTier::format_folder));
  findings.append_range(check_versions(folder));
  return findings;
}

}  // namespace fovea::app
