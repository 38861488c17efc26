// TlsContext: what TLS connections to a server share: whose certificates are believed, and our own.
//
// A server must prove the name, or numeric address, that it was reached by. Thread-safe.
#pragma once

#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/owned.h"
#include "fovea/result.h"

namespace fovea::valkey {

struct TlsFiles {
  std::filesystem::path authorities;  // PEM; empty = the system's own
  std::filesystem::path certificate;  // our own, PEM, for servers that ask for one; empty = none
  std::filesystem::path key;          // of the certificate
};

void free_ssl(SSL* ssl);
void free_ssl_context(SSL_CTX* context);

class TlsContext {
 public:
  // Faults: invalid, where a file cannot be read or used.
  static Result<std::shared_ptr<const TlsContext>> open(const TlsFiles& files);

  // A client's side that will believe `host` only; null where there is no memory.
  Owned<SSL, free_ssl> begin(const std::string& host) const;

 private:
  explicit TlsContext(Owned<SSL_CTX, free_ssl_context> context) : context_(std::move(context)) {}
  Owned<SSL_CTX, free_ssl_context> context_;
};

// Why OpenSSL failed last on this thread, in its own words.
std::string tls_reason();

}  // namespace fovea::valkey
