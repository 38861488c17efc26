#include "serve/http/spool_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <system_error>

namespace fovea::serve {

namespace {

constexpr std::string_view prefix = "fovea-serve-";

// TMPDIR may name no folder: then its name is kept, for the message that nothing can be made there.
std::filesystem::path temporary_folder() {
  std::error_code error;
  auto folder = std::filesystem::temp_directory_path(error);
  if (!error) return folder;
  const char* named = std::getenv("TMPDIR");
  return named == nullptr ? "/tmp" : named;
}

}  // namespace

SpoolFolder::SpoolFolder() : path_(temporary_folder() / (std::string(prefix) + std::to_string(getpid()))) {
  remove_abandoned();
  made_ = mkdir(path_.c_str(), S_IRWXU) == 0;
}

SpoolFolder::~SpoolFolder() {
  std::error_code ignored;
  if (made_) std::filesystem::remove_all(path_, ignored);
}

// A folder of this process's own id is left from an earlier process that had the same one.
void SpoolFolder::remove_abandoned() const {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(path_.parent_path(), ignored)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(prefix)) continue;
    const bool alive = std::filesystem::exists("/proc/" + name.substr(prefix.size()), ignored);
    if (!alive || entry.path() == path_) std::filesystem::remove_all(entry.path(), ignored);
  }
}

}  // namespace fovea::serve
