// What a list names is not looked for here: a catalogue may have a file that is gone, and the others are
// warmed all the same.
#include "app/warming/picture_list.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <fstream>
#include <iostream>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>

namespace fovea::app {

namespace {

namespace fs = std::filesystem;

// Collects names, each once.
class Names {
 public:
  Result<void> add(std::string name) {
    if (names_.size() >= listed_pictures_max)
      return fail(Fault::too_large, std::format("more than {} pictures: warm them in parts", listed_pictures_max));
    if (seen_.insert(name).second) names_.push_back(std::move(name));
    return {};
  }

  std::vector<std::string> take() { return std::move(names_); }

 private:
  std::vector<std::string> names_;
  std::unordered_set<std::string> seen_;
};

std::string lower_extension(const fs::path& file) {
  std::string extension = file.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

Result<void> add_folder(const fs::path& folder, Names& names) {
  std::error_code error;
  std::vector<std::string> found;
  // A folder below that may not be read is left out, as a shell does it.
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code ignored;
    if (has_picture_name(at->path()) && at->is_regular_file(ignored)) found.push_back(at->path().string());
    if (found.size() > listed_pictures_max) break;
  }
  if (error) return fail(Fault::unavailable, std::format("{}: {}", folder.string(), error.message()));
  std::ranges::sort(found);
  for (std::string& name : found) {
    if (auto added = names.add(std::move(name)); !added) return added;
  }
  return {};
}

Result<void> add_list(std::istream& list, const std::string& name, Names& names) {
  for (std::string line; std::getline(list, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    if (auto added = names.add(std::move(line)); !added) return added;
    line.clear();
  }
  if (list.bad()) return fail(Fault::unavailable, std::format("{}: {}", name, std::strerror(errno)));
  return {};
}

Result<void> add_word(const std::string& word, Names& names) {
  std::error_code ignored;
  if (word == "-") return add_list(std::cin, "standard input", names);
  if (!fs::exists(word, ignored)) return fail(Fault::not_found, std::format("{}: No such file or directory", word));
  if (fs::is_directory(word, ignored)) return add_folder(word, names);
  if (lower_extension(word) != ".txt") return names.add(word);
  std::ifstream list(word);
  if (!list) return fail(Fault::unavailable, std::format("{}: {}", word, std::strerror(errno)));
  return add_list(list, word, names);
}

}  // namespace

bool has_picture_name(const fs::path& file) {
  constexpr std::array<std::string_view, 10> endings = {".jpg",  ".jpeg", ".png", ".webp", ".gif",
                                                        ".heic", ".avif", ".bmp", ".tif",  ".tiff"};
  return std::ranges::contains(endings, lower_extension(file));
}

Result<std::vector<std::string>> list_pictures(std::span<const std::string> words) {
  Names names;
  for (const std::string& word : words) {
    if (auto added = add_word(word, names); !added) return std::unexpected(added.error());
  }
  return names.take();
}

}  // namespace fovea::app
