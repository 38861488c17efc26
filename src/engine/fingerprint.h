// The fingerprint of a model file: BLAKE3 of its whole content. Its name and folder play no part, so weights
// that were replaced under the same name are another model.
//
// Hashing gigabytes takes seconds, so a FingerprintMemo remembers results by device, inode, size, mtime and
// ctime. Only the kernel sets ctime, so a content that was replaced is noticed even where size and mtime were
// restored. A memo that is unreadable, damaged or unwritable only costs the hashing. Functions are
// thread-safe; processes may share a memo.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/progress.h"
#include "fovea/key.h"
#include "fovea/result.h"

namespace fovea {

// What the operating system says about a file, and what changes whenever its content may have changed.
struct FileIdentity {
  std::uint64_t device;
  std::uint64_t inode;
  std::uint64_t size;
  std::int64_t mtime_ns;
  std::int64_t ctime_ns;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// Remembers fingerprints as small checksummed files. There is a fixed number of them, so that the memo is
// bounded.
class FingerprintMemo {
 public:
  // A file that changed less than this long ago may change again without a new time, since file systems round
  // times.
  static constexpr std::chrono::milliseconds settled_after{2000};

  // Keeps its entries in `directory`, which is made when needed. Files younger than `settled` are not
  // remembered.
  explicit FingerprintMemo(std::filesystem::path directory, std::chrono::milliseconds settled = settled_after);
  // In fovea/fingerprints of the user's cache folder ($XDG_CACHE_HOME or ~/.cache); remembers nothing where
  // there is none.
  static FingerprintMemo in_user_cache();

  // The remembered fingerprint of the file with this identity, or nullopt.
  std::optional<Key> find(const FileIdentity& identity) const;
  // Remembers `fingerprint`, unless the file is too young or the directory cannot be written.
  void store(const FileIdentity& identity, const Key& fingerprint) const;

 private:
  std::filesystem::path entry_path(const FileIdentity& identity) const;

  std::filesystem::path directory_;
  std::chrono::milliseconds settled_;
};

// The fingerprint of the regular file at `path`, from the memo or by reading it all (with progress).
// Faults: not_found; invalid for something that is not a regular file; unavailable when the file cannot be
// read, or changes meanwhile.
Result<Key> fingerprint_file(const std::filesystem::path& path, const FingerprintMemo& memo,
                             const Progress& progress = {});

}  // namespace fovea
