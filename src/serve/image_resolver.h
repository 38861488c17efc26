// ImageResolver: the bytes of a request's images, which it sends inline, or names by URL or by the id of an
// uploaded file. Thread-safe. Borrows what it is made with.
#pragma once

#include <stop_token>

#include "base/semaphore.h"
#include "http/image_fetch.h"
#include "pipeline/request.h"
#include "serve/files/file_store.h"
#include "serve/openai/chat_request.h"
#include "serve/tenants.h"

namespace fovea::serve {

class ImageResolver {
 public:
  // `fetch` gets images by URL; null = images by URL are refused.
  ImageResolver(FileStore& files, ImageFetch* fetch) : files_(files), fetch_(fetch) {}

  bool fetches() const { return fetch_ != nullptr; }

  // The sources of the images, in their order; inline bytes are moved out of `images`.
  // Refused: a file that this tenant has not uploaded, a URL that may not be fetched or holds no image.
  Parsed<std::vector<ImageSource>> sources(std::vector<ImageReference>& images, const Tenant& tenant,
                                           const std::stop_token& stop) const;

 private:
  Parsed<Blob> bytes_of(ImageReference& image, const Tenant& tenant, const std::stop_token& stop) const;
  Parsed<Blob> uploaded(const ImageFileId& file, const std::string& where, const Tenant& tenant) const;
  Parsed<Blob> fetched(const ImageUrl& url, const std::string& where, const std::stop_token& stop) const;

  FileStore& files_;
  ImageFetch* const fetch_;
  // A slow server elsewhere holds a thread of ours: never so many that other requests find none.
  mutable Semaphore fetches_{16};
};

}  // namespace fovea::serve
