#include "serve/asked_pictures.h"

#include <format>

namespace fovea::serve {

Parsed<std::vector<ImageSource>> AskedPictures::sources(std::vector<AskedPicture>& asked, const Tenant& tenant,
                                                        const std::stop_token& stop) const {
  std::vector<ImageSource> sources;
  sources.reserve(asked.size());
  for (AskedPicture& picture : asked) {
    auto bytes = bytes_of(picture, tenant, stop);
    if (!bytes) return std::unexpected(bytes.error());
    sources.push_back({std::move(*bytes), picture.where});
  }
  return sources;
}

Parsed<Blob> AskedPictures::bytes_of(AskedPicture& picture, const Tenant& tenant, const std::stop_token& stop) const {
  if (auto* bytes = std::get_if<Blob>(&picture.from)) return std::move(*bytes);
  if (const auto* file = std::get_if<PictureFile>(&picture.from)) {
    if (auto stored = files_.find(tenant.name, file->id)) return std::move(stored->bytes);
    return std::unexpected(Refusal{404,
                                   std::format("there is no file {}: it has expired, or was never uploaded", file->id),
                                   picture.where, "file_not_found"});
  }
  if (fetch_ == nullptr) {
    return refuse(picture.where,
                  "pictures are not fetched from addresses here: send the picture itself, as a data: URL "
                  "(data:image/jpeg;base64,...), or upload it to /v1/files",
                  "image_url_not_allowed");
  }
  const Semaphore::Permit permit = fetches_.try_acquire();
  if (!permit) {
    return std::unexpected(
        Refusal{503, "too many pictures are being fetched: ask again in a moment", picture.where, "overloaded", 1});
  }
  auto bytes = fetch_->get(std::get<PictureUrl>(picture.from).url, stop);
  if (bytes) return std::move(*bytes);
  Refusal refusal = refusal_of(bytes.error());
  refusal.message = picture.where + ": " + refusal.message;
  refusal.param = picture.where;
  return std::unexpected(refusal);
}

}  // namespace fovea::serve
