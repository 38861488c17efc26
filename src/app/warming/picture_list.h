// list_pictures: the picture files that the words of a command line mean: files, folders, and lists of files.
// Pure but for the files that it reads; thread-safe.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fovea/result.h"

namespace fovea::app {

// Whether a file's name ends as pictures' names do: .jpg, .PNG.
bool has_picture_name(const std::filesystem::path& file);

// A catalogue of a large shop; the names take a few hundred megabytes.
constexpr std::size_t listed_pictures_max = 2'000'000;

// A folder stands for all files in it and below that have a picture's name, in the order of their names;
// links to folders are not followed. A .txt file, or "-" for standard input, has a file's name on each line.
// Any other word is a picture itself, whatever it is called. Each file comes once, at its first place.
// Faults: not_found (no such file); unavailable (a folder or list that cannot be read); too_large (more than
// listed_pictures_max).
Result<std::vector<std::string>> list_pictures(std::span<const std::string> words);

}  // namespace fovea::app
