// file_json: what is told about uploaded files, in the form of OpenAI's API or of Anthropic's. Pure
// functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "serve/files/file_page.h"
#include "serve/files/stored_file.h"

namespace fovea::serve {

enum class FilesApi : std::uint8_t { openai, anthropic };

std::string file_json(const StoredFile& file, FilesApi api);
std::string files_json(const FilePage& page, FilesApi api);
std::string deleted_json(std::string_view id, FilesApi api);

}  // namespace fovea::serve
