// disk_limit: the limit that a disk cache's folder was opened with last. For who looks into it without
// knowing its size: with a smaller one it would lose entries. Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace fovea {

// In bytes, as RocksdbOptions has it; nullopt where there is no database in `folder`, or its options cannot
// be read.
std::optional<std::uint64_t> disk_limit(const std::filesystem::path& folder);

}  // namespace fovea
