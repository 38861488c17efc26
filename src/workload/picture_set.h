// PictureSet: the pictures of a workload by number, as the bytes of files: drawn ones, or those of a folder.
//
// A workload may ask about more pictures than fit into memory, and about some of them often: pictures are made when
// first asked for, and those not asked for lately leave when the pictures is full, to be made again. Thread-safe; several
// callers of one picture make it once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "fovea/blob.h"
#include "fovea/level.h"
#include "fovea/result.h"
#include "workload/picture_name.h"

namespace fovea {

enum class PictureKind : std::uint8_t {
  scene,   // draw_scene; never changes
  screen,  // draw_screen; changes in a small place from step to step
  frame,   // draw_frame; changes from step to step
  file,    // of a folder; never changes
};

struct PictureSetOptions {
  PictureKind kind = PictureKind::scene;
  std::uint64_t seed = 1;                   // of what is drawn
  std::uint32_t width = 512, height = 512;  // of what is drawn: 1 to drawn_side_max
  std::filesystem::path folder;             // of files
};

class PictureSet {
 public:
  // What made pictures may take: some thousand drawn ones, and little beside a model.
  static constexpr std::uint64_t bytes_max = std::uint64_t{256} << 20;
  // Of one file: twice what Fovea decodes, since other servers may take more.
  static constexpr std::uint64_t file_bytes_max = std::uint64_t{64} << 20;
  // More files than any workload asks about, in a list of some tens of MiB; and what of a folder is looked at, so that
  // one named by mistake (such as /) is given up.
  static constexpr std::size_t files_max = 200'000, entries_max = 2'000'000;

  // Draws nothing yet; of a folder it lists the picture files (jpg, jpeg, png, webp, gif, heic, avif, in either case),
  // those in folders inside of it too, by name. Hidden files and folders are passed over, and links to folders are not
  // followed.
  // Faults: invalid (sides, or a folder without pictures), not_found (no such folder), too_large (over files_max or
  // entries_max), unavailable (cannot be read).
  static Result<PictureSet> open(const PictureSetOptions& options);

  // The picture as the bytes of a file: PNG for drawn ones. The same name gives the same picture, and different numbers
  // different ones, as far as files are different and drawn pictures have room to be.
  // Faults: invalid (a number from count_max() on, a step of what never changes, a file that is no picture), not_found
  // (the file has gone), too_large (over file_bytes_max), unavailable (cannot be read), internal (libvips failed).
  Result<Blob> get(PictureName name);

  // How many pictures there are: the files, or as many drawn ones as there are numbers.
  std::size_t count_max() const;

 private:
  PictureSet(PictureSetOptions options, std::vector<std::filesystem::path> files);

  Result<Blob> make(PictureName name) const;

  PictureSetOptions options_;
  std::vector<std::filesystem::path> files_;
  std::unique_ptr<Level> made_;
};

}  // namespace fovea
