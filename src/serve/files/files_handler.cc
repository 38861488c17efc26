// An upload is replied to as soon as the bytes are known to be an image (Listener::on_start of
// Backend::warm); the encoding then goes on, on the same thread, without a client that waits.
#include "serve/files/files_handler.h"

#include <algorithm>
#include <format>

#include "base/units.h"
#include "image/format.h"
#include "serve/files/file_page.h"
#include "serve/send_refusal.h"
#include "serve/wire/json_text.h"
#include "serve/wire/valid_text.h"
#include "video/container.h"
#include "video/video_clip.h"

namespace fovea::serve {

namespace json {

struct File {
  std::string_view id, object;
  std::uint64_t bytes;
  std::int64_t created_at, expires_at;
  std::string_view filename, purpose, status;
};

struct FileList {
  std::string_view object = "list";
  std::vector<File> data;
  std::optional<std::string_view> first_id, last_id;
  bool has_more;
};

struct FileDeleted {
  std::string_view id, object;
  bool deleted;
};

}  // namespace json

namespace {

constexpr std::string_view files_path = "/v1/files/";
constexpr std::size_t name_bytes_max = 256;  // names are for people only

json::File shown(const StoredFile& file) {
  return {file.id,
          "file",
          file.bytes.size(),
          static_cast<std::int64_t>(file.created_unix_s),
          static_cast<std::int64_t>(file.expires_unix_s),
          file.name,
          "vision",
          "processed"};
}

Refusal no_file(std::string_view id) {
  return {404, std::format("there is no file {}: it has expired, or was never uploaded", id), "id", "file_not_found"};
}

struct Upload {
  std::string name;
  Blob bytes;
};

Parsed<Upload> read_upload(const Exchange& exchange, std::uint64_t bytes_max) {
  const auto fields = exchange.form();
  const auto file = std::ranges::find(fields, "file", &FormField::name);
  if (file == fields.end())
    return refuse("file", "no file: send a multipart/form-data body with the fields purpose and file",
                  "missing_required_parameter");
  const auto purpose = std::ranges::find(fields, "purpose", &FormField::name);
  if (purpose == fields.end() || (purpose->bytes != "vision" && purpose->bytes != "user_data"))
    return refuse("purpose", "purpose must be vision or user_data: only what a question can be about is kept here");
  if (file->bytes.size() > bytes_max) {
    return std::unexpected(Refusal{413,
                                   std::format("a picture of {} is over the limit of {}: send a smaller one",
                                               format_bytes(file->bytes.size()), format_bytes(bytes_max)),
                                   "file", "too_large"});
  }
  return Upload{valid_text(file->file_name.substr(0, name_bytes_max)), Blob::copy_of(file->bytes)};
}

}  // namespace

void FilesHandler::upload(Exchange& exchange, const Tenant& tenant) {
  auto upload = read_upload(exchange, image_bytes_max_);
  if (!upload) return send_refusal(exchange, upload.error());
  const Request request{.sources = {{upload->bytes, "file"}}, .tenant = tenant.name, .group = tenant.group};
  bool replied = false;
  const auto store_and_reply = [&](const RequestReport&) {
    const auto stored = files_.add(tenant.name, upload->name, upload->bytes);
    replied = true;
    if (stored)
      exchange.reply({.body = json_text(shown(*stored))});
    else
      send_refusal(exchange, stored.error());
  };
  const auto warmed = backend_.warm(request, {.on_start = store_and_reply}, stopping_);
  // Once the client has its id, a failure is not reported: the first question computes what is missing.
  if (warmed || replied) return;
  // A video's frames are made when it is asked about: only then is it known which.
  const std::span<const std::byte> bytes = upload->bytes.bytes();
  const bool may_be_video = format_of(bytes) == Format::none && container_of(bytes) != Container::none;
  const auto read = may_be_video ? check_video(upload->bytes, {.source_bytes_max = image_bytes_max_}, stopping_)
                                 : std::unexpected(warmed.error());
  if (read) return store_and_reply({});
  Refusal refusal = refusal_of(read.error());
  refusal.param = "file";
  send_refusal(exchange, refusal);
}

void FilesHandler::list(Exchange& exchange, const Tenant& tenant) {
  const auto page = page_of(files_.list(tenant.name), exchange);
  if (!page) return send_refusal(exchange, page.error());
  json::FileList list{.data = {}, .has_more = page->has_more};
  for (const StoredFile& file : page->files) list.data.push_back(shown(file));
  if (!page->files.empty()) {
    list.first_id = page->files.front().id;
    list.last_id = page->files.back().id;
  }
  exchange.reply({.body = json_text(list)});
}

void FilesHandler::show(Exchange& exchange, const Tenant& tenant) {
  std::string_view id = exchange.path().substr(files_path.size());
  constexpr std::string_view content = "/content";
  const bool whole = id.ends_with(content);
  if (whole) id.remove_suffix(content.size());
  const auto file = files_.find(tenant.name, id);
  if (!file) return send_refusal(exchange, no_file(id));
  // A browser must not show it: it is whatever a client sent.
  if (whole)
    return exchange.reply({.content_type = "application/octet-stream",
                           .headers = {{"Content-Disposition", "attachment"}, {"X-Content-Type-Options", "nosniff"}},
                           .body = std::string(file->bytes.text())});
  exchange.reply({.body = json_text(shown(*file))});
}

void FilesHandler::remove(Exchange& exchange, const Tenant& tenant) {
  const std::string_view id = exchange.path().substr(files_path.size());
  if (!files_.remove(tenant.name, id)) return send_refusal(exchange, no_file(id));
  exchange.reply({.body = json_text(json::FileDeleted{id, "file", true})});
}

}  // namespace fovea::serve
