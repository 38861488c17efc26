#include "app/bundled.h"

#include <format>
#include <system_error>

namespace fovea::app {

namespace fs = std::filesystem;

namespace {

// The path `installed` below share/fovea if it exists, or else the path `source` below the source tree.
Result<fs::path> find_bundled(const char* installed, const char* source) {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path beside_program = program.parent_path().parent_path() / "share" / "fovea" / installed;
  const fs::path in_sources = fs::path(FOVEA_SOURCE_DIR) / source;
  for (const fs::path& path : {beside_program, in_sources}) {
    if (fs::exists(path, ignored)) return path;
  }
  return fail(Fault::not_found,
              std::format("the bundled files are missing: neither {} nor {} exists; install Fovea again",
                          beside_program.string(), in_sources.string()));
}

}  // namespace

Result<BundledModel> bundled_model() {
  auto model = find_bundled("models/fovea-tiny.gguf", "models/tiny/fovea-tiny.gguf");
  auto mmproj = find_bundled("models/fovea-tiny-mmproj.gguf", "models/tiny/fovea-tiny-mmproj.gguf");
  if (!model) return std::unexpected(model.error());
  if (!mmproj) return std::unexpected(mmproj.error());
  return BundledModel{std::move(*model), std::move(*mmproj)};
}

Result<fs::path> bundled_samples() { return find_bundled("samples", "samples"); }

}  // namespace fovea::app
