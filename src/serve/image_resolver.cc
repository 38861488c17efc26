#include "serve/image_resolver.h"

#include <format>

namespace fovea::serve {

Parsed<std::vector<ImageSource>> ImageResolver::sources(std::vector<ImageReference>& images, const Tenant& tenant,
                                                        const std::stop_token& stop) const {
  std::vector<ImageSource> sources;
  sources.reserve(images.size());
  for (ImageReference& image : images) {
    auto bytes = bytes_of(image, tenant, stop);
    if (!bytes) return std::unexpected(bytes.error());
    sources.push_back({std::move(*bytes), image.where});
  }
  return sources;
}

Parsed<Blob> ImageResolver::bytes_of(ImageReference& image, const Tenant& tenant, const std::stop_token& stop) const {
  if (auto* bytes = std::get_if<Blob>(&image.from)) return std::move(*bytes);
  if (const auto* file = std::get_if<ImageFileId>(&image.from)) return uploaded(*file, image.where, tenant);
  return fetched(std::get<ImageUrl>(image.from), image.where, stop);
}

Parsed<Blob> ImageResolver::uploaded(const ImageFileId& file, const std::string& where, const Tenant& tenant) const {
  if (auto stored = files_.find(tenant.name, file.id)) return std::move(stored->bytes);
  return std::unexpected(Refusal{404,
                                 std::format("there is no file {}: it has expired, or was never uploaded", file.id),
                                 where, "file_not_found"});
}

Parsed<Blob> ImageResolver::fetched(const ImageUrl& url, const std::string& where, const std::stop_token& stop) const {
  if (fetch_ == nullptr) {
    return refuse(where,
                  "nothing is fetched from addresses here: send the picture or video itself, as a data: URL "
                  "(data:image/jpeg;base64,...), or upload it to /v1/files",
                  "image_url_not_allowed");
  }
  const Semaphore::Permit permit = fetches_.try_acquire();
  if (!permit) {
    return std::unexpected(
        Refusal{503, "too many pictures and videos are being fetched: ask again in a moment", where, "overloaded", 1});
  }
  auto bytes = fetch_->get(url.url, stop);
  if (bytes) return std::move(*bytes);
  Refusal refusal = refusal_of(bytes.error());
  refusal.message = where + ": " + refusal.message;
  refusal.param = where;
  return std::unexpected(refusal);
}

}  // namespace fovea::serve
