// ServerCertificate: what the server proves to its TLS clients that it is, from two files that can be read
// again while it serves, and the rules by which it speaks TLS.
//
// Thread-safe. A session keeps the certificate with which it began.
#pragma once

#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "base/owned.h"
#include "fovea/result.h"
#include "serve/http/tls/tls_session.h"

namespace fovea::serve {

void free_ssl_context(SSL_CTX* context);

// Both in PEM; one file may have both.
struct CertificateFiles {
  std::filesystem::path certificate;  // the server's own, and behind it those of the authorities that signed it
  std::filesystem::path key;          // of the first certificate, not encrypted
};

class ServerCertificate {
 public:
  // Faults: not_found, where a file cannot be read; invalid, where they are not what they should be. The
  // sentence begins with the file.
  static Result<std::shared_ptr<ServerCertificate>> open(CertificateFiles files);

  // Reads both files again, for sessions that begin from now on. Where that fails, all stays as it is.
  Result<void> reload();

  // A session with the client at `socket`.
  std::unique_ptr<TlsSession> begin(int socket) const;

  // The last moment at which clients believe it: "Nov 29 22:00:00 2027 GMT".
  std::string valid_until() const;

 private:
  using Context = Owned<SSL_CTX, free_ssl_context>;

  ServerCertificate(CertificateFiles files, Context context);
  static Result<Context> read(const CertificateFiles& files);

  const CertificateFiles files_;
  mutable Mutex mutex_;
  Context context_ FOVEA_GUARDED_BY(mutex_);
};

}  // namespace fovea::serve
