// AskedPictures: from how a request names its pictures to their bytes. Thread-safe. Borrows what it is made with.
#pragma once

#include <stop_token>

#include "base/semaphore.h"
#include "http/fetch.h"
#include "pipeline/request.h"
#include "serve/file_store.h"
#include "serve/openai/chat_request.h"
#include "serve/tenants.h"

namespace fovea::serve {

class AskedPictures {
 public:
  // `fetch` gets pictures by address; null = none is got.
  AskedPictures(FileStore& files, PictureFetch* fetch) : files_(files), fetch_(fetch) {}

  bool fetches() const { return fetch_ != nullptr; }

  // The bytes of the pictures, in their order; what the request brought itself is moved out of `asked`.
  // Refused: a file that this tenant has not uploaded, an address that may not be asked or has no picture.
  Parsed<std::vector<ImageSource>> sources(std::vector<AskedPicture>& asked, const Tenant& tenant,
                                           const std::stop_token& stop) const;

 private:
  Parsed<Blob> bytes_of(AskedPicture& picture, const Tenant& tenant, const std::stop_token& stop) const;

  FileStore& files_;
  PictureFetch* const fetch_;
  // A slow server elsewhere holds a thread of ours: never so many that others' requests find none.
  mutable Semaphore fetches_{16};
};

}  // namespace fovea::serve
