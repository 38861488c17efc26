// A picture's key is its name, which is unique within the set. The level coalesces callers and bounds the
// memory.
#include "workload/picture_set.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <format>
#include <fstream>
#include <string>
#include <system_error>

#include "base/units.h"
#include "image/encode.h"
#include "image/format.h"
#include "trace/mixed_bits.h"
#include "workload/canvas.h"
#include "workload/drawn_picture.h"
#include "workload/drawn_screen.h"

namespace fovea {

namespace {

namespace fs = std::filesystem;

bool is_picture_name(const fs::path& path) {
  constexpr std::array endings{".jpg", ".jpeg", ".png", ".webp", ".gif", ".heic", ".avif"};
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(endings, ending) != endings.end();
}

// Operating systems keep thumbnails and notes in hidden files that are named like pictures.
bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

std::unexpected<Error> too_many(const fs::path& folder, const char* what, std::size_t most) {
  return fail(Fault::too_large,
              std::format("{}: more than {} {}; name a folder of fewer pictures", folder.string(), most, what));
}

Result<std::vector<fs::path>> pictures_in(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return fail(Fault::not_found, std::format("{}: no such folder; name one with pictures in it", folder.string()));
  std::vector<fs::path> files;
  std::size_t entries = 0;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (++entries > PictureSet::entries_max) return too_many(folder, "files and folders", PictureSet::entries_max);
    if (is_hidden(entry->path())) {
      entry.disable_recursion_pending();
      continue;
    }
    std::error_code gone;  // a file that is removed meanwhile, or a link to nothing, is not a regular file
    if (!is_picture_name(entry->path()) || !entry->is_regular_file(gone)) continue;
    if (files.size() == PictureSet::files_max) return too_many(folder, "pictures", PictureSet::files_max);
    files.push_back(entry->path());
  }
  if (error) return fail(Fault::unavailable, std::format("{}: {}", folder.string(), error.message()));
  if (files.empty())
    return fail(Fault::invalid, std::format("{}: no pictures in it; Fovea reads {}", folder.string(), formats_read));
  std::ranges::sort(files);
  return files;
}

Result<Blob> read_picture(const fs::path& path) {
  std::error_code error;
  const std::uint64_t size = fs::file_size(path, error);
  if (error) {
    const bool gone = error == std::errc::no_such_file_or_directory;
    return fail(gone ? Fault::not_found : Fault::unavailable, std::format("{}: {}", path.string(), error.message()));
  }
  if (size > PictureSet::file_bytes_max)
    return fail(Fault::too_large, std::format("{}: larger than {}; scale the picture down, or remove it", path.string(),
                                              format_bytes(PictureSet::file_bytes_max)));
  std::ifstream file(path, std::ios::binary);
  Blob bytes = Blob::filled(size, [&](std::span<std::byte> out) {
    file.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
  });
  if (!file)
    return fail(Fault::unavailable, std::format("{}: cannot be read to its end; check its permissions", path.string()));
  if (format_of(bytes.bytes()) == Format::none)
    return fail(Fault::invalid, std::format("{}: not a picture, although its name says so; remove it", path.string()));
  return bytes;
}

}  // namespace

Result<PictureSet> PictureSet::open(const PictureSetOptions& options) {
  if (options.kind == PictureKind::file) {
    auto files = pictures_in(options.folder);
    if (!files) return std::unexpected(files.error());
    return PictureSet(options, std::move(*files));
  }
  const auto is_side = [](std::uint32_t side) { return side >= 1 && side <= drawn_side_max; };
  if (!is_side(options.width) || !is_side(options.height))
    return fail(Fault::invalid, std::format("a picture of {} x {} pixels cannot be drawn; its sides must be 1 to {}",
                                            options.width, options.height, drawn_side_max));
  return PictureSet(options, {});
}

PictureSet::PictureSet(PictureSetOptions options, std::vector<fs::path> files)
    : options_(std::move(options)),
      files_(std::move(files)),
      made_(std::make_unique<Level>(LevelOptions{.bytes_max = bytes_max, .policy = PolicyKind::lru})) {}

std::size_t PictureSet::count_max() const {
  return options_.kind == PictureKind::file ? files_.size() : std::size_t{1} << 32;
}

Result<Blob> PictureSet::get(PictureName name) {
  if (name.number >= count_max())
    return fail(Fault::invalid,
                std::format("picture {} of {}: the workload uses more pictures than {} has; use fewer images, or add "
                            "files there",
                            std::uint64_t{name.number} + 1, count_max(), options_.folder.string()));
  const bool changes = options_.kind == PictureKind::screen || options_.kind == PictureKind::frame;
  if (name.step > 0 && !changes)
    return fail(Fault::invalid, "scenes and files do not change from step to step; use drawn screens or frames");
  const Key key = KeyBuilder("fovea/workload-picture/1").field(name.number).field(name.step).finish();
  return made_->get_or_compute(key, [&] { return make(name); });
}

Result<Blob> PictureSet::make(PictureName name) const {
  const std::uint64_t seed = mixed_bits(options_.seed) ^ name.number;
  switch (options_.kind) {
    case PictureKind::scene:
      return encode_png(draw_scene(seed, options_.width, options_.height));
    case PictureKind::screen:
      return encode_png(draw_screen(seed, name.step, options_.width, options_.height));
    case PictureKind::frame:
      return encode_png(draw_frame(seed, name.step, options_.width, options_.height));
    case PictureKind::file:
      break;
  }
  return read_picture(files_[name.number]);
}

}  // namespace fovea
