// An upload is replied to as soon as the bytes are known to be an image (Listener::on_start of
// Backend::warm); the encoding then goes on, on the same thread, without a client that waits.
#include "serve/files/files_handler.h"

#include <format>
#include <span>

#include "image/format.h"
#include "serve/files/file_json.h"
#include "serve/files/file_page.h"
#include "serve/files/upload_form.h"
#include "serve/send_refusal.h"
#include "video/container.h"
#include "video/video_clip.h"

namespace fovea::serve {

namespace {

constexpr std::string_view files_path = "/v1/files/";

// In whose API's form the client wants replies.
FilesApi api_of(const Exchange& exchange) {
  return exchange.header("anthropic-version").empty() ? FilesApi::openai : FilesApi::anthropic;
}

Refusal no_file(std::string_view id) {
  return {404, std::format("there is no file {}: it has expired, or was never uploaded", id), "id", "file_not_found"};
}

}  // namespace

void FilesHandler::upload(Exchange& exchange, const Tenant& tenant) {
  auto upload = read_upload(exchange, image_bytes_max_);
  if (!upload) return send_refusal(exchange, upload.error());
  const Request request{.sources = {{upload->bytes, "file"}}, .tenant = tenant.name, .group = tenant.group};
  bool replied = false;
  const auto store_and_reply = [&](const RequestReport&) {
    const auto stored = files_.add(tenant.name, upload->name, upload->bytes, upload->terms);
    replied = true;
    if (stored)
      exchange.reply({.body = file_json(*stored, api_of(exchange))});
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
  if (format_of(bytes) == Format::none && !may_be_video)
    refusal.message += std::format(" A video may be uploaded too: {}.", containers_read);
  send_refusal(exchange, refusal);
}

void FilesHandler::list(Exchange& exchange, const Tenant& tenant) {
  const auto page = page_of(files_.list(tenant.name), exchange);
  if (!page) return send_refusal(exchange, page.error());
  exchange.reply({.body = files_json(*page, api_of(exchange))});
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
  exchange.reply({.body = file_json(*file, api_of(exchange))});
}

void FilesHandler::remove(Exchange& exchange, const Tenant& tenant) {
  const std::string_view id = exchange.path().substr(files_path.size());
  if (!files_.remove(tenant.name, id)) return send_refusal(exchange, no_file(id));
  exchange.reply({.body = deleted_json(id, api_of(exchange))});
}

}  // namespace fovea::serve
