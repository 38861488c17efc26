// Lists are made of the files' own JSON, so that a list and its files are in the same form.
#include "serve/files/file_json.h"

#include <chrono>
#include <format>

#include "serve/wire/json_text.h"
#include "serve/wire/list_page.h"
#include "serve/wire/media_type.h"

namespace fovea::serve {

namespace json {

struct File {
  std::string_view id, object;
  std::uint64_t bytes;
  std::int64_t created_at, expires_at;
  std::string_view filename, purpose, status;
};

struct AnthropicFile {
  std::string_view id, type, filename, mime_type;
  std::uint64_t size_bytes;
  std::string created_at;  // RFC 3339
  bool downloadable;
};

struct FileDeleted {
  std::string_view id, object;
  bool deleted;
};

struct AnthropicFileDeleted {
  std::string_view id, type;
};

}  // namespace json

std::string file_json(const StoredFile& file, FilesApi api) {
  const auto created_s = static_cast<std::int64_t>(file.created_unix_s);
  if (api == FilesApi::anthropic) {
    const std::chrono::sys_seconds created{std::chrono::seconds(created_s)};
    return json_text(json::AnthropicFile{file.id, "file", file.name, media_type_of(file.bytes.bytes()),
                                         file.bytes.size(), std::format("{:%FT%TZ}", created), true});
  }
  return json_text(json::File{file.id, "file", file.bytes.size(), created_s,
                              static_cast<std::int64_t>(file.expires_unix_s), file.name, to_string(file.purpose),
                              "processed"});
}

std::string files_json(const FilePage& page, FilesApi api) {
  json::ListPage list{.data = {}, .first_id = {}, .last_id = {}, .has_more = page.has_more};
  for (const StoredFile& file : page.files) list.data.push_back({file_json(file, api)});
  if (!page.files.empty()) {
    list.first_id = page.files.front().id;
    list.last_id = page.files.back().id;
  }
  return json_text(list);
}

std::string deleted_json(std::string_view id, FilesApi api) {
  if (api == FilesApi::anthropic) return json_text(json::AnthropicFileDeleted{id, "file_deleted"});
  return json_text(json::FileDeleted{id, "file", true});
}

}  // namespace fovea::serve
