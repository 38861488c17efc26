#include "base/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <format>
#include <string>
#include <system_error>

namespace fovea {

Result<ScratchFolder> ScratchFolder::make(std::string_view prefix) {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  if (error)
    return fail(Fault::unavailable, std::format("there is no folder for temporary files: {}", error.message()));
  std::string path = (parent / std::format("{}-XXXXXX", prefix)).string();
  if (mkdtemp(path.data()) == nullptr) {
    return fail(Fault::unavailable,
                std::format("no folder can be made in '{}': {}", parent.string(), std::strerror(errno)));
  }
  return ScratchFolder(path);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace fovea
