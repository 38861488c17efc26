// PictureSet: the pictures of a workload by number, as the bytes of files. They are drawn, or taken from a
// folder.
//
// A workload may have more pictures than fit into memory, and use some of them often. So a picture is made
// when it is first needed, and a bounded cache keeps those used last. Thread-safe; several callers of one
// picture make it once. It owns its cache.
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
  scene,   // draw_scene; does not change
  screen,  // draw_screen; changes in one small place from step to step
  frame,   // draw_frame; changes from step to step
  file,    // of a folder; does not change
};

struct PictureSetOptions {
  PictureKind kind = PictureKind::scene;
  std::uint64_t seed = 1;                   // of drawn pictures
  std::uint32_t width = 512, height = 512;  // of drawn pictures: 1 to drawn_side_max
  std::filesystem::path folder;             // of files
};

class PictureSet {
 public:
  // Of the cache: some thousand drawn pictures, and little compared with a model.
  static constexpr std::uint64_t bytes_max = std::uint64_t{256} << 20;
  // Of one file: twice what Fovea decodes, because other servers may accept more.
  static constexpr std::uint64_t file_bytes_max = std::uint64_t{64} << 20;
  // The files of a folder: more than any workload uses, in a list of some tens of MiB. And its entries, so
  // that a folder that was named by mistake (such as /) is rejected soon.
  static constexpr std::size_t files_max = 200'000, entries_max = 2'000'000;

  // Draws nothing yet. Of a folder, it lists the picture files (jpg, jpeg, png, webp, gif, heic, avif, in
  // either case) by name, including those in folders inside it. It skips hidden files and folders, and does
  // not follow links to folders. Faults: invalid (sides, or a folder without pictures), not_found (no such
  // folder), too_large (over files_max or entries_max), unavailable (cannot be read).
  static Result<PictureSet> open(const PictureSetOptions& options);

  // The picture as the bytes of a file: a PNG where it is drawn. The same name gives the same picture.
  // Different numbers give different pictures, if the files are different, or the sides are long enough for
  // drawn ones to differ. Faults: invalid (a number from count_max() on, a step of a picture that does not
  // change, a file that is no picture), not_found (the file is gone), too_large (over file_bytes_max),
  // unavailable (cannot be read), internal (libvips failed).
  Result<Blob> get(PictureName name);

  // The number of pictures: of the files, or of all numbers for drawn pictures.
  std::size_t count_max() const;

 private:
  PictureSet(PictureSetOptions options, std::vector<std::filesystem::path> files);

  Result<Blob> make(PictureName name) const;

  PictureSetOptions options_;
  std::vector<std::filesystem::path> files_;
  std::unique_ptr<Level> made_;
};

}  // namespace fovea
