#include "app/read_source.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <format>

#include "base/owned.h"
#include "base/units.h"
#include "image/decode.h"

namespace fovea::app {

namespace {

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

}  // namespace fovea::app
