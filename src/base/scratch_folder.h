// ScratchFolder: a new, empty folder of this process's own, removed with all that is in it at the end. It is
// in the folder for temporary files ($TMPDIR or /tmp), and only its user may enter it. Not thread-safe.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "fovea/result.h"

namespace fovea {

class ScratchFolder {
 public:
  // Its name begins with `prefix`. Faults: unavailable.
  static Result<ScratchFolder> make(std::string_view prefix);
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace fovea
