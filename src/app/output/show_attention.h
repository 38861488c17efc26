// Shows a person what an answer looked at: heat maps drawn over the pictures, and the places most looked at, in words.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/answer_attention.h"
#include "pipeline/request.h"

namespace fovea::app {

// The files that the heat maps of `pictures` pictures go to: `path`, or path-1, path-2 and so on before its extension.
std::vector<std::filesystem::path> heat_map_paths(const std::filesystem::path& path, std::size_t pictures);

// Writes each picture with its heat map as a PNG. Faults: those of decode(); unavailable when a file cannot be written.
Result<void> draw_attention(const AnswerAttention& attention, const std::vector<ImageSource>& sources,
                            const std::filesystem::path& path);

// A line or two for each picture: "photo.jpg: most looked at: top left, 31 % (x 0.00-0.25, y 0.12-0.50); ...".
std::string attention_text(const AnswerAttention& attention, const std::vector<ImageSource>& sources);

}  // namespace fovea::app
