// SpoolFolder: the folder where large request bodies wait on disk until they are complete.
//
// Without one of its own, Drogon would make a folder where the server was started. The folder's name carries
// the process id, so that folders of servers that were killed are recognised, and removed by the next server.
// Removed with its content when this object is destroyed.
#pragma once

#include <filesystem>
#include <string_view>

namespace fovea::serve {

class SpoolFolder {
 public:
  // In the system's folder for temporary files (TMPDIR).
  SpoolFolder();
  ~SpoolFolder();
  SpoolFolder(const SpoolFolder&) = delete;
  SpoolFolder& operator=(const SpoolFolder&) = delete;

  // False where the folder could not be made.
  bool made() const { return made_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  void remove_abandoned() const;

  const std::filesystem::path path_;
  bool made_ = false;
};

}  // namespace fovea::serve
