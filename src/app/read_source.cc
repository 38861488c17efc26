// What is asked about is read whole, from a file or a pipe. A video is told by its first bytes, as pictures
// are; where neither is, the pipeline says what it could not decode.
#include "app/read_source.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <format>

#include "base/owned.h"
#include "base/units.h"
#include "image/decode.h"
#include "image/format.h"
#include "video/container.h"

namespace fovea::app {

namespace {

constexpr std::uint64_t kept_pixels_max = 16'000'000;  // 48 MB of a video's first frames

using File = Owned<std::FILE, std::fclose>;

Result<Blob> read_all(std::FILE* file, const std::string& name) {
  constexpr std::uint64_t limit = DecodeLimits{}.source_bytes_max;
  constexpr std::size_t step = 1 << 20;
  std::string bytes;
  while (!std::feof(file)) {
    const std::size_t size = bytes.size();
    bytes.resize(size + step);
    bytes.resize(size + std::fread(bytes.data() + size, 1, step, file));
    if (std::ferror(file))
      return fail(Fault::unavailable, std::format("{}: cannot be read: {}", name, std::strerror(errno)));
    if (bytes.size() > limit)
      return fail(Fault::too_large,
                  std::format("{}: larger than {}: scale the picture down", name, format_bytes(limit)));
  }
  return Blob::copy_of(bytes);
}

}  // namespace

Result<Blob> read_source(const std::string& path) {
  if (path == "-") return read_all(stdin, "standard input");
  if (std::error_code ignored; std::filesystem::is_directory(path, ignored)) {
    return fail(Fault::invalid, std::format("{}: is a folder; name the picture files in it", path));
  }
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) {
    return fail(errno == ENOENT ? Fault::not_found : Fault::unavailable,
                std::format("{}: {}", path, std::strerror(errno)));
  }
  return read_all(file.get(), path);
}

Result<std::vector<ImageSource>> read_pictures(const std::string& path) {
  auto source = read_source(path);
  if (!source) return std::unexpected(source.error());
  const std::string name = path == "-" ? "standard input" : path;
  const std::span<const std::byte> bytes = source->bytes();
  if (format_of(bytes) != Format::none || container_of(bytes) == Container::none)
    return std::vector<ImageSource>{{std::move(*source), name}};
  std::uint64_t kept_pixels = kept_pixels_max;
  const auto clip = VideoClips().open(*source, {}, false, kept_pixels, {});
  if (!clip) return fail(clip.error().fault, std::format("{}: {}", name, clip.error().message));
  std::vector<ImageSource> frames;
  for (const ClipFrame& frame : (*clip)->frames()) {
    const double seconds = static_cast<double>(frame.at_us) / 1e6;
    frames.push_back({{}, std::format("{} at {:.1f} s", name, seconds), *clip, frames.size()});
  }
  return frames;
}

}  // namespace fovea::app
