// A line goes out in one write(2). Where that takes less than all of it, the file is cut back to where the
// line began, so a reader never meets half of one, but for a crash in the middle; a file that ends so is not
// continued. Files are as long as an eighth of the bound at most: then the folder always has room for the
// next line once its oldest file is gone.
#include "serve/audit/audit_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <format>
#include <optional>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/units.h"

namespace fovea::serve {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "requests-", ending = ".jsonl";
constexpr std::size_t key_digits = 64;

std::string day_of(double unix_ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{
      std::chrono::milliseconds(static_cast<std::int64_t>(unix_ms))};
  return std::format("{:%Y%m%d}", std::chrono::floor<std::chrono::days>(time));
}

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// The number of a file of requests, which has six digits or more behind a day of eight; nullopt for any
// other: a full folder removes what it takes for its own.
std::optional<std::uint64_t> number_of(std::string_view name) {
  constexpr std::size_t day_digits = 8, number_digits = 6;
  if (!name.starts_with(prefix) || !name.ends_with(ending)) return std::nullopt;
  name.remove_prefix(prefix.size());
  name.remove_suffix(ending.size());
  if (name.size() < day_digits + 1 + number_digits || name[day_digits] != '-') return std::nullopt;
  const std::string_view digits = name.substr(day_digits + 1);
  if (!is_digits(name.substr(0, day_digits)) || !is_digits(digits)) return std::nullopt;
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

Key drawn_key() {
  Key key;
  check(getrandom(key.bytes.data(), key.bytes.size(), 0) == static_cast<ssize_t>(key.bytes.size()),
        "the system has no random bytes");
  return key;
}

std::unexpected<Error> unusable(const fs::path& path, std::string_view why) {
  return fail(Fault::invalid, std::format("{}: {}", path.string(), why));
}

}  // namespace

Result<std::unique_ptr<AuditFolder>> AuditFolder::open(const fs::path& folder, std::uint64_t bytes_max) {
  if (bytes_max < bytes_least)
    return fail(Fault::invalid, std::format("a recorded log needs {} at least", format_bytes(bytes_least)));
  std::error_code error;
  if (fs::create_directories(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return unusable(folder, error.message());
  std::unique_ptr<AuditFolder> opened(new AuditFolder(folder, bytes_max));
  if (auto found = opened->find_files(); !found) return std::unexpected(found.error());
  if (auto taken = opened->take_key(); !taken) return std::unexpected(taken.error());
  opened->remove_oldest_for(0);
  return opened;
}

AuditFolder::~AuditFolder() {
  end_file();
  if (key_file_ >= 0) ::close(key_file_);  // which unlocks it
}

Result<void> AuditFolder::find_files() {
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const auto number = number_of(at->path().filename().string());
    std::error_code gone;
    const std::uint64_t bytes = number ? at->file_size(gone) : 0;
    if (number && !gone) files_.push_back({at->path(), *number, bytes});
  }
  if (error) return unusable(folder_, error.message());
  std::ranges::sort(files_, {}, &File::number);
  for (const File& file : files_) bytes_ += file.bytes;
  return {};
}

Result<void> AuditFolder::take_key() {
  const fs::path path = folder_ / "key";
  key_file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (key_file_ < 0) return unusable(path, std::strerror(errno));
  if (::flock(key_file_, LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? unusable(folder_, "another server records into this folder: give each its own")
                                : unusable(path, std::strerror(errno));
  }
  std::array<char, key_digits + 2> text{};
  const ssize_t got = ::pread(key_file_, text.data(), text.size(), 0);
  if (got < 0) return unusable(path, std::strerror(errno));
  if (got == 0 && files_.empty()) {
    secret_ = drawn_key();
    const std::string line = secret_.hex() + '\n';
    if (::pwrite(key_file_, line.data(), line.size(), 0) == std::ssize(line) && ::fsync(key_file_) == 0) return {};
    const int why = errno;
    if (::ftruncate(key_file_, 0) != 0) ::unlink(path.c_str());
    return unusable(path, std::format("the key cannot be written: {}", std::strerror(why)));
  }
  std::string_view digits(text.data(), static_cast<std::size_t>(got));
  if (digits.ends_with('\n')) digits.remove_suffix(1);
  const auto key = Key::from_hex(digits);
  if (!key)
    return unusable(
        path,
        "this is no key of 64 hexadecimal digits, and the requests beside it were recorded with one: put it "
        "back, or record into a new folder");
  secret_ = *key;
  return {};
}

Result<void> AuditFolder::append(std::string_view line, double unix_ms) {
  const std::uint64_t file_bytes_max = bytes_max_ / files_in_full;
  if (line.size() > file_bytes_max) return fail(Fault::too_large, "one request's line is longer than a file may be");
  const std::string day = day_of(unix_ms);
  if (file_ < 0 || day != day_ || files_.back().bytes + line.size() > file_bytes_max) {
    if (auto begun = begin_file(day); !begun) return begun;
  }
  remove_oldest_for(line.size());
  File& file = files_.back();
  const ssize_t written = ::write(file_, line.data(), line.size());
  if (written == std::ssize(line)) {
    file.bytes += line.size();
    bytes_ += line.size();
    return {};
  }
  const std::string why = written < 0 ? std::strerror(errno) : "the disk is full";
  const fs::path path = file.path;
  // Nothing may follow half a line.
  if (written > 0 && ::ftruncate(file_, static_cast<off_t>(file.bytes)) != 0) end_file();
  return fail(Fault::unavailable, std::format("{}: {}", path.string(), why));
}

Result<void> AuditFolder::begin_file(const std::string& day) {
  end_file();
  const std::uint64_t number = files_.empty() ? 1 : files_.back().number + 1;
  const fs::path path = folder_ / std::format("{}{}-{:06}{}", prefix, day, number, ending);
  file_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file_ < 0) return fail(Fault::unavailable, std::format("{}: {}", path.string(), std::strerror(errno)));
  files_.push_back({path, number, 0});
  day_ = day;
  return {};
}

void AuditFolder::end_file() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

void AuditFolder::remove_oldest_for(std::uint64_t bytes) {
  const std::size_t kept = file_ >= 0 ? 1 : 0;  // the file that is written
  while (files_.size() > kept && bytes_ + bytes > bytes_max_) {
    std::error_code ignored;  // somebody else may have removed it
    fs::remove(files_.front().path, ignored);
    bytes_ -= files_.front().bytes;
    files_.pop_front();
  }
}

}  // namespace fovea::serve
