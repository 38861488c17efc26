// Each file is written beside its place and renamed, so that a reader never sees half of one. The pages come
// last: when they exist, what they show exists too.
#include "app/output/bench_report.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <format>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

#include "app/output/gnuplot.h"
#include "report/svg_text.h"

namespace fovea::app {

namespace {

namespace fs = std::filesystem;

// The place of a file until it is complete.
fs::path unfinished(const fs::path& path) { return path.string() + ".partial"; }

Result<void> cannot_write(const fs::path& path, const std::error_code& error) {
  return fail(Fault::unavailable, std::format("{} cannot be written: {}", path.string(), error.message()));
}

// Renames a complete file, or removes an incomplete one.
Result<void> put_in_place(const fs::path& path, const Result<void>& written) {
  std::error_code error, ignored;
  if (written) fs::rename(unfinished(path), path, error);
  if (!written || error) fs::remove(unfinished(path), ignored);
  return error ? cannot_write(path, error) : written;
}

Result<void> write_file(const fs::path& path, std::string_view content) {
  std::ofstream file(unfinished(path), std::ios::binary);
  file << content;
  file.close();
  const std::error_code error(errno, std::generic_category());
  return put_in_place(path, file ? Result<void>() : cannot_write(path, error));
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Result<void> draw_file(const std::string& script, const fs::path& path) {
  const fs::path as_drawn = path.string() + ".drawn";
  if (const auto drawn = draw(script, as_drawn); !drawn) return drawn;
  const std::string svg = content_of(as_drawn);
  std::error_code ignored;
  fs::remove(as_drawn, ignored);
  return write_file(path, compact_svg(svg));
}

// Whether a file may have this name. Names come from users' files too, and must not lead out of the folder.
bool is_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](unsigned char c) { return c < 0x80 && (std::isalnum(c) || c == '-'); });
}

// The figures or the tables of a page, by name. A table without one has no file.
template <typename Block>
Result<std::map<std::string, const Block*>> named(const Page& page) {
  std::map<std::string, const Block*> blocks;
  for (const PageBlock& block : page.blocks) {
    const Block* one = std::get_if<Block>(&block);
    if (one == nullptr || (std::is_same_v<Block, Table> && one->name.empty())) continue;
    if (!is_name(one->name) || !blocks.emplace(one->name, one).second)
      return fail(Fault::invalid,
                  std::format("a part of the report is named '{}': a name has letters, digits and dashes "
                              "only, and no two are the same",
                              one->name));
  }
  return blocks;
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Fault::invalid, std::format("{}: {}", folder.string(), error.message()));
  return {};
}

// Whether figures can be drawn into `folder`.
Result<Pictures> pictures_in(const fs::path& folder) {
  const auto possible = check_drawing(folder / "figure.svg");
  if (possible) return Pictures::drawn;
  if (possible.error().fault == Fault::unavailable) return Pictures::missing;
  return std::unexpected(possible.error());
}

Result<void> write_figure(const Figure& figure, const fs::path& folder, Pictures pictures) {
  const fs::path path = folder / (figure.name + ".svg");
  std::error_code ignored;
  if (pictures == Pictures::missing)
    fs::remove(path, ignored);  // of an earlier report, with other numbers
  else if (const auto drawn = draw_file(gnuplot_script(figure), path); !drawn)
    return drawn;
  return write_file(folder / (figure.name + ".csv"), csv(figure));
}

}  // namespace

Result<void> write_report(const Page& page, const std::string& json, const fs::path& folder) {
  const fs::path figure_folder = folder / "figures", table_folder = folder / "tables";
  const auto figures = named<Figure>(page);
  if (!figures) return std::unexpected(figures.error());
  const auto tables = named<Table>(page);
  if (!tables) return std::unexpected(tables.error());
  for (const fs::path& needed : {figure_folder, table_folder})
    if (const auto made = make_folder(needed); !made) return made;
  const auto pictures = pictures_in(figure_folder);
  if (!pictures) return std::unexpected(pictures.error());

  for (const auto& [name, figure] : *figures)
    if (const auto written = write_figure(*figure, figure_folder, *pictures); !written) return written;
  for (const auto& [name, table] : *tables)
    if (const auto written = write_file(table_folder / (name + ".csv"), csv(*table)); !written) return written;
  if (const auto written = write_file(folder / "results.json", json); !written) return written;
  const auto svg_of = [&](const Figure& figure) {
    return *pictures == Pictures::drawn ? content_of(figure_folder / (figure.name + ".svg")) : "";
  };
  if (const auto written = write_file(folder / "report.html", html(page, svg_of)); !written) return written;
  return write_file(folder / "README.md", markdown(page, "figures", *pictures));
}

}  // namespace fovea::app
