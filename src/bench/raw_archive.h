// The archive of a report's raw results: files of JSON lines, packed into one .tar.xz of a tenth of their
// size.
//
// It is read with libarchive, which only this folder includes, and never unpacked to the disk. The archive
// may come from anywhere, so every file in it is checked before its bytes are handed on. A stateless
// function; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "fovea/result.h"

namespace fovea {

struct ArchiveBounds {
  std::size_t files_max = 10'000;  // more than a report has runs
  // Of one file, unpacked: two million answers. The file is held in memory while it is read.
  std::uint64_t file_bytes_max = std::uint64_t{1} << 30;
  // Of all of it, unpacked: a small file that unpacks to more was made to do harm.
  std::uint64_t bytes_max = std::uint64_t{4} << 30;
};

// What is done with a file of the archive. A fault ends the reading.
using TakeFile = std::function<Result<void>(const std::string& name, std::string bytes)>;

// Calls `take` with the name and the bytes of each file of the archive at `path`, in the archive's order. Its
// entries are files raw/NAME.jsonl, the name of letters, digits and dashes, and the folder raw/ itself. No
// file is taken of an archive that is damaged. Faults: not_found (no file there), unavailable (cannot be
// read), corrupt (damaged, or cut off), invalid (an entry of another kind or name, or one that comes twice),
// too_large (over `bounds`); those of `take`. Sentences begin with the path, and say what can be done.
Result<void> read_raw_archive(const std::filesystem::path& path, const TakeFile& take,
                              const ArchiveBounds& bounds = {});

}  // namespace fovea
