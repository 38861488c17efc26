// FilesHandler: /v1/files: a picture is uploaded once, looked at ahead of the first question, and referred to by its id.
// Thread-safe. Borrows what it is made with.
#pragma once

#include "serve/backend.h"
#include "serve/exchange.h"
#include "serve/file_store.h"
#include "serve/tenants.h"

namespace fovea::serve {

class FilesHandler {
 public:
  // `stopping`: nobody waits for the pictures any more.
  FilesHandler(FileStore& files, Backend& backend, std::uint64_t picture_bytes_max, std::stop_token stopping)
      : files_(files), backend_(backend), picture_bytes_max_(picture_bytes_max), stopping_(std::move(stopping)) {}

  // POST: a form with the fields purpose (vision) and file. After the reply, the picture is encoded.
  void upload(Exchange& exchange, const Tenant& tenant);
  // GET: the tenant's files.
  void list(Exchange& exchange, const Tenant& tenant);
  // GET and DELETE /v1/files/ID, and GET /v1/files/ID/content.
  void show(Exchange& exchange, const Tenant& tenant);
  void remove(Exchange& exchange, const Tenant& tenant);

 private:
  FileStore& files_;
  Backend& backend_;
  const std::uint64_t picture_bytes_max_;
  const std::stop_token stopping_;
};

}  // namespace fovea::serve
