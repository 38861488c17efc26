// AuditFolder: the folder of a recorded log: files of JSON lines, of a bounded size together, and the secret
// that its hashes are made with.
//
//   key                           64 hexadecimal digits, drawn when the folder is first used
//   requests-20261130-000001.jsonl, ...   by the day (UTC) and a number that rises
//
// All of it only its owner can read. One process at a time records into a folder. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "fovea/key.h"
#include "fovea/result.h"

namespace fovea::serve {

class AuditFolder {
 public:
  static constexpr std::uint64_t bytes_least = 1 << 20;
  // Files of a full folder: each that is removed takes this part of what was recorded with it.
  static constexpr std::uint64_t files_in_full = 8;

  // Makes the folder and its key where they are not there. `bytes_max`: of all files of requests together;
  // the oldest are removed to stay below it. Faults: invalid (it cannot be made or written, another process
  // records into it, its key is none, or `bytes_max` is below bytes_least).
  static Result<std::unique_ptr<AuditFolder>> open(const std::filesystem::path& folder, std::uint64_t bytes_max);

  ~AuditFolder();
  AuditFolder(const AuditFolder&) = delete;
  AuditFolder& operator=(const AuditFolder&) = delete;

  const Key& secret() const { return secret_; }
  std::uint64_t bytes() const { return bytes_; }

  // Appends `line`, which ends with a line end, to the file of the day of `unix_ms`. It is there whole or not
  // at all. Faults: unavailable (a full disk, say; later lines may be taken again), too_large for one that
  // does not fit into a file.
  Result<void> append(std::string_view line, double unix_ms);

 private:
  struct File {
    std::filesystem::path path;
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
  };

  AuditFolder(std::filesystem::path folder, std::uint64_t bytes_max)
      : folder_(std::move(folder)), bytes_max_(bytes_max) {}
  Result<void> take_key();
  Result<void> find_files();
  Result<void> begin_file(const std::string& day);
  void end_file();
  void remove_oldest_for(std::uint64_t bytes);

  const std::filesystem::path folder_;
  const std::uint64_t bytes_max_;
  int key_file_ = -1;  // locked while this process records
  Key secret_;
  std::deque<File> files_;  // oldest first; the last one is written, if file_ is one
  std::uint64_t bytes_ = 0;
  int file_ = -1;
  std::string day_;  // of file_
};

}  // namespace fovea::serve
