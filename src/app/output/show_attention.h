// The attention of an answer, for people: heat maps drawn over the pictures, and in words the regions with
// the most of it. Thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/answer_attention.h"
#include "pipeline/request.h"

namespace fovea::app {

// The files of the heat maps of `pictures` pictures: `path` for one, otherwise path-1, path-2 and so on, with
// the number before the extension.
std::vector<std::filesystem::path> heat_map_paths(const std::filesystem::path& path, std::size_t pictures);

// Writes each picture with its heat map as a PNG.
// Faults: those of decode(); unavailable (a file cannot be written).
Result<void> draw_attention(const AnswerAttention& attention, const std::vector<ImageSource>& sources,
                            const std::filesystem::path& path);

// A line for each picture, and one for all: "photo.jpg: most attention: top left, 31 % (x 0.00-0.25, y
// 0.12-0.50); ...".
std::string attention_text(const AnswerAttention& attention, const std::vector<ImageSource>& sources);

}  // namespace fovea::app
