// FilesHandler: /v1/files: a client uploads an image once and refers to it by id; the image is encoded ahead
// of the first question about it. Thread-safe. Borrows what it is made with.
#pragma once

#include "serve/backend.h"
#include "serve/exchange.h"
#include "serve/files/file_store.h"
#include "serve/tenants.h"

namespace fovea::serve {

class FilesHandler {
 public:
  // `stopping`: requested when the server shuts down; images are not encoded ahead any more.
  FilesHandler(FileStore& files, Backend& backend, std::uint64_t image_bytes_max, std::stop_token stopping)
      : files_(files), backend_(backend), image_bytes_max_(image_bytes_max), stopping_(std::move(stopping)) {}

  // POST: a form (upload_form.h). The image is encoded after the reply is sent.
  void upload(Exchange& exchange, const Tenant& tenant);
  // GET: the tenant's files.
  void list(Exchange& exchange, const Tenant& tenant);
  // GET and DELETE /v1/files/ID, and GET /v1/files/ID/content.
  void show(Exchange& exchange, const Tenant& tenant);
  void remove(Exchange& exchange, const Tenant& tenant);

 private:
  FileStore& files_;
  Backend& backend_;
  const std::uint64_t image_bytes_max_;
  const std::stop_token stopping_;
};

}  // namespace fovea::serve
