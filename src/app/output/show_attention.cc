// A region's place is told in thirds of the picture, since a person finds such a place without a ruler.
#include "app/output/show_attention.h"

#include <cerrno>
#include <cstring>
#include <format>
#include <fstream>
#include <string_view>

#include "attention/regions.h"
#include "image/decode.h"
#include "image/encode.h"
#include "image/heat_overlay.h"

namespace fovea::app {

namespace {

constexpr std::size_t regions_max = 3;

Result<void> write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) return fail(Fault::unavailable, std::format("{}: {}", path.string(), std::strerror(errno)));
  return {};
}

// The ninth of the picture with the middle of the region.
std::string ninth(const Region& region) {
  constexpr std::string_view rows[] = {"top", "middle", "bottom"}, columns[] = {"left", "centre", "right"};
  const auto third = [](float at) { return std::min(static_cast<int>(at * 3), 2); };
  return std::format("{} {}", rows[third(region.y + region.height / 2)], columns[third(region.x + region.width / 2)]);
}

}  // namespace

std::vector<std::filesystem::path> heat_map_paths(const std::filesystem::path& path, std::size_t pictures) {
  if (pictures == 1) return {path};
  std::vector<std::filesystem::path> paths;
  for (std::size_t i = 1; i <= pictures; ++i) {
    std::filesystem::path numbered = path;
    numbered.replace_filename(std::format("{}-{}{}", path.stem().string(), i, path.extension().string()));
    paths.push_back(std::move(numbered));
  }
  return paths;
}

Result<void> draw_attention(const AnswerAttention& attention, const std::vector<ImageSource>& sources,
                            const std::filesystem::path& path) {
  const auto paths = heat_map_paths(path, sources.size());
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const PictureMap& map = attention.pictures[i];
    if (map.scores.empty()) continue;  // no message uses this picture
    const auto picture = decoded(sources[i]);
    if (!picture) return std::unexpected(picture.error());
    const auto file = encode_png(heat_overlay(*picture, {map.columns, map.rows, map.scores}));
    if (!file) return std::unexpected(file.error());
    if (auto written = write_file(paths[i], file->bytes()); !written) return written;
  }
  return {};
}

std::string attention_text(const AnswerAttention& attention, const std::vector<ImageSource>& sources) {
  std::string text;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    text += std::format("  {}: most attention:", sources[i].name);
    std::string_view before = " ";
    for (const Region& region : most_looked_at(attention.pictures[i], regions_max)) {
      text += std::format("{}{}, {:.0f} % (x {:.2f}-{:.2f}, y {:.2f}-{:.2f})", before, ninth(region),
                          100 * region.share, region.x, region.x + region.width, region.y, region.y + region.height);
      before = "; ";
    }
    text += '\n';
  }
  return text + std::format("  {:.0f} % of the attention was on pictures; importance {:.2f}\n",
                            100 * attention.visual_share, attention.importance);
}

}  // namespace fovea::app
