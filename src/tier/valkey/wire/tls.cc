// OpenSSL itself and not hiredis's wrapper of it: that one never compares the name in a certificate, so
// that any certificate of any authority would do, and the password would go to whoever holds one.
#include "tier/valkey/wire/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <format>
#include <utility>

namespace fovea::valkey {

namespace {

std::unexpected<Error> unusable(const std::filesystem::path& file, std::string_view what) {
  return fail(Fault::invalid, std::format("{}: no usable {} for TLS ({})", file.string(), what, tls_reason()));
}

}  // namespace

void free_ssl(SSL* ssl) { SSL_free(ssl); }
void free_ssl_context(SSL_CTX* context) { SSL_CTX_free(context); }

std::string tls_reason() {
  std::array<char, 256> text{};
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

Result<std::shared_ptr<const TlsContext>> TlsContext::open(const TlsFiles& files) {
  Owned<SSL_CTX, free_ssl_context> context(SSL_CTX_new(TLS_client_method()));
  if (!context) return fail(Fault::internal, std::format("TLS could not be set up: {}", tls_reason()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (files.authorities.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (SSL_CTX_load_verify_file(context.get(), files.authorities.c_str()) != 1) {
    return unusable(files.authorities, "authorities");
  }
  if (files.certificate.empty() != files.key.empty())
    return fail(Fault::invalid, "a certificate for TLS needs its key's file, and a key its certificate's");
  if (!files.certificate.empty()) {
    if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1)
      return unusable(files.certificate, "certificate");
    if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1)
      return unusable(files.key, "private key");
  }
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(context)));
}

Owned<SSL, free_ssl> TlsContext::begin(const std::string& host) const {
  Owned<SSL, free_ssl> ssl(SSL_new(context_.get()));
  if (!ssl) return nullptr;
  // The first fails for names, the second takes them.
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str()) != 1) {
    ERR_clear_error();
    if (SSL_set1_host(ssl.get(), host.c_str()) != 1 || SSL_set_tlsext_host_name(ssl.get(), host.c_str()) != 1)
      return nullptr;
  }
  SSL_set_connect_state(ssl.get());
  return ssl;
}

}  // namespace fovea::valkey
