// What is right and wrong with the folder of a disk cache. Thread-safe; changes nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "app/cache/finding.h"

namespace fovea::app {

// The folder, its file system against `limit_bytes`, who has it open, and the versions of the format in it.
// Whether its entries are sound is not looked at.
std::vector<Finding> check_folder(const std::filesystem::path& folder, std::uint64_t limit_bytes);

}  // namespace fovea::app
