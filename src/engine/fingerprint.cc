// A file is identified before and after it is hashed: a change meanwhile is an error, and never a wrong
// fingerprint. Memo entries are written to a partial file and renamed, so that a reader sees a whole entry or
// none; a checksum catches damage.
#include "engine/fingerprint.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <format>
#include <fstream>
#include <memory>
#include <span>

namespace fovea {

namespace {

// Large enough to hash at full speed, small enough for a smooth progress bar. Part of the fingerprint: do not
// change.
constexpr std::size_t chunk_bytes = 4 << 20;
// A person has dozens of model files. Two that share an entry replace each other, which costs hashing again.
constexpr std::uint64_t entries_max = 1024;

// A file opened for reading; closed at the end.
class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

FileIdentity identity_of(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .mtime_ns = nanoseconds(status.st_mtim),
          .ctime_ns = nanoseconds(status.st_ctim)};
}

std::string reason() { return std::strerror(errno); }

Result<FileIdentity> identify(const OpenFile& file, const std::filesystem::path& path) {
  if (file.fd() < 0) {
    return fail(errno == ENOENT ? Fault::not_found : Fault::unavailable,
                std::format("the model file '{}' cannot be opened: {}", path.string(), reason()));
  }
  struct stat status;
  if (fstat(file.fd(), &status) != 0) {
    return fail(Fault::unavailable, std::format("the model file '{}' cannot be examined: {}", path.string(), reason()));
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(Fault::invalid, std::format("'{}' is not a file: name a model file in GGUF format", path.string()));
  }
  return identity_of(status);
}

// Fills `chunk` as far as the file goes. Fewer bytes mean the end of the file, -1 a failure.
ssize_t read_chunk(int fd, std::span<std::byte> chunk) {
  std::size_t filled = 0;
  while (filled < chunk.size()) {
    const ssize_t count = read(fd, chunk.data() + filled, chunk.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(filled);
}

// Uses read(2), not mmap: a file that is truncated meanwhile is then an error and not a bus error.
Result<Key> hash_content(const OpenFile& file, std::uint64_t size, const std::filesystem::path& path,
                         const Progress& progress) {
  KeyBuilder key("fovea/file/1");
  key.field(size);
  const auto chunk = std::make_unique_for_overwrite<std::byte[]>(chunk_bytes);
  for (std::uint64_t done = 0; done < size;) {
    const ssize_t count = read_chunk(file.fd(), {chunk.get(), chunk_bytes});
    if (count < 0) return fail(Fault::unavailable, std::format("'{}' cannot be read: {}", path.string(), reason()));
    if (count == 0) break;
    key.field(std::span<const std::byte>(chunk.get(), static_cast<std::size_t>(count)));
    done += static_cast<std::uint64_t>(count);
    report_progress(progress, std::min(1.0, static_cast<double>(done) / static_cast<double>(size)));
  }
  return key.finish();
}

// An entry's bytes: the identity, the fingerprint, and a checksum over both.
struct MemoEntry {
  FileIdentity identity;
  Key fingerprint;
  Key checksum;
};
static_assert(std::is_trivially_copyable_v<MemoEntry> && sizeof(MemoEntry) == 40 + 32 + 32,
              "an entry has no padding to leave unwritten");

KeyBuilder identity_key(const FileIdentity& identity) {
  KeyBuilder key("fovea/file-identity/1");
  key.field(identity.device).field(identity.inode).field(identity.size);
  key.field(identity.mtime_ns).field(identity.ctime_ns);
  return key;
}

MemoEntry sealed(const FileIdentity& identity, const Key& fingerprint) {
  return {
      .identity = identity, .fingerprint = fingerprint, .checksum = identity_key(identity).field(fingerprint).finish()};
}

bool settled_since(const FileIdentity& identity, std::chrono::milliseconds settled) {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t age_ns = nanoseconds(now) - std::max(identity.mtime_ns, identity.ctime_ns);
  return age_ns >= std::chrono::nanoseconds(settled).count();
}

}  // namespace

FingerprintMemo::FingerprintMemo(std::filesystem::path directory, std::chrono::milliseconds settled)
    : directory_(std::move(directory)), settled_(settled) {}

FingerprintMemo FingerprintMemo::in_user_cache() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/')
    return FingerprintMemo(std::filesystem::path(cache) / "fovea" / "fingerprints");
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/')
    return FingerprintMemo(std::filesystem::path(home) / ".cache" / "fovea" / "fingerprints");
  return FingerprintMemo(std::filesystem::path());
}

std::filesystem::path FingerprintMemo::entry_path(const FileIdentity& identity) const {
  const Key place = KeyBuilder("fovea/file-slot/1").field(identity.device).field(identity.inode).finish();
  return directory_ / std::format("{:03x}", place.bits() % entries_max);
}

std::optional<Key> FingerprintMemo::find(const FileIdentity& identity) const {
  if (directory_.empty()) return std::nullopt;
  std::ifstream in(entry_path(identity), std::ios::binary);
  MemoEntry found;
  if (!in.read(reinterpret_cast<char*>(&found), sizeof found)) return std::nullopt;
  if (found.identity != identity || found.checksum != sealed(identity, found.fingerprint).checksum) return std::nullopt;
  return found.fingerprint;
}

void FingerprintMemo::store(const FileIdentity& identity, const Key& fingerprint) const {
  if (directory_.empty() || !settled_since(identity, settled_)) return;
  std::error_code ignored;  // every failure here only means that the next run hashes again
  std::filesystem::create_directories(directory_, ignored);
  std::string partial = (directory_ / "partial-XXXXXX").string();
  const int fd = mkostemp(partial.data(), O_CLOEXEC);
  if (fd < 0) return;
  const MemoEntry kept = sealed(identity, fingerprint);
  const bool written = write(fd, &kept, sizeof kept) == static_cast<ssize_t>(sizeof kept);
  close(fd);
  if (!written || rename(partial.c_str(), entry_path(identity).c_str()) != 0) unlink(partial.c_str());
}

Result<Key> fingerprint_file(const std::filesystem::path& path, const FingerprintMemo& memo, const Progress& progress) {
  const OpenFile file(path);
  const Result<FileIdentity> before = identify(file, path);
  if (!before) return std::unexpected(before.error());
  if (std::optional<Key> known = memo.find(*before)) return *known;

  const Result<Key> fingerprint = hash_content(file, before->size, path, progress);
  if (!fingerprint) return fingerprint;
  const Result<FileIdentity> after = identify(file, path);
  if (!after) return std::unexpected(after.error());
  if (*before != *after) {
    return fail(Fault::unavailable,
                std::format("'{}' changed while it was read: wait until it is complete", path.string()));
  }
  memo.store(*before, *fingerprint);
  return fingerprint;
}

}  // namespace fovea
