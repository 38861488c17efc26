// The files are read with OpenSSL's parts, and not with the functions that load a file into a context: those
// ask for an encrypted key's passphrase at the terminal, and tell neither which file is wrong nor why.
//
// Rules: TLS 1.2 and 1.3. Of 1.2 the suites with forward secrecy and authenticated encryption (Mozilla's
// "intermediate"); of 1.3, and for groups and signatures, what OpenSSL and the system's policy choose.
// Sessions are resumed by tickets, of which the server keeps nothing.
#include "serve/http/tls/server_certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <string_view>
#include <system_error>
#include <utility>

namespace fovea::serve {

namespace {

using File = Owned<BIO, BIO_free_all>;
using Certificate = Owned<X509, X509_free>;
using PrivateKey = Owned<EVP_PKEY, EVP_PKEY_free>;

constexpr const char* suites_of_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr std::string_view protocols("\x08http/1.1\x08http/1.0", 18);  // as ALPN writes them, the better one first

// Why OpenSSL failed last on this thread.
std::string reason() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return std::strerror(ERR_GET_REASON(code));
  const char* text = ERR_reason_error_string(code);
  return text == nullptr ? "no reason given" : text;
}

std::unexpected<Error> wrong(const std::filesystem::path& file, std::string_view what) {
  return fail(Fault::invalid, std::format("{}: {}", file.string(), what));
}

Result<File> open_file(const std::filesystem::path& file) {
  ERR_clear_error();
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(file, ignored);  // which would seem to be an empty file
  File opened(is_folder ? nullptr : BIO_new_file(file.c_str(), "r"));
  if (opened) return opened;
  const int error = is_folder ? EISDIR : ERR_GET_REASON(ERR_peek_error());
  ERR_clear_error();
  return fail(Fault::not_found, std::format("{}: the file cannot be read ({})", file.string(), std::strerror(error)));
}

// The next one of the file; null at its end.
Result<Certificate> read_certificate(BIO* opened, const std::filesystem::path& file, bool first) {
  Certificate certificate(PEM_read_bio_X509(opened, nullptr, nullptr, nullptr));
  if (certificate) return certificate;
  const bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!is_end) return wrong(file, std::format("a certificate in it cannot be read ({})", reason()));
  ERR_clear_error();
  if (first) return wrong(file, "there is no certificate in it; it should have -----BEGIN CERTIFICATE-----");
  return certificate;
}

Result<void> read_chain(SSL_CTX* context, const std::filesystem::path& file) {
  auto opened = open_file(file);
  if (!opened) return std::unexpected(opened.error());
  auto own = read_certificate(opened->get(), file, true);
  if (!own) return std::unexpected(own.error());
  if (SSL_CTX_use_certificate(context, own->get()) != 1)
    return wrong(file, std::format("TLS cannot use the certificate ({})", reason()));
  while (true) {
    auto next = read_certificate(opened->get(), file, false);
    if (!next) return std::unexpected(next.error());
    if (!*next) return {};
    if (SSL_CTX_add1_chain_cert(context, next->get()) != 1)
      return wrong(file, std::format("TLS cannot use a certificate of the chain ({})", reason()));
  }
}

// OpenSSL would ask at the terminal.
int no_passphrase(char* /*room*/, int /*size*/, int /*is_writing*/, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

Result<PrivateKey> read_key(const std::filesystem::path& file) {
  auto opened = open_file(file);
  if (!opened) return std::unexpected(opened.error());
  bool is_encrypted = false;
  PrivateKey key(PEM_read_bio_PrivateKey(opened->get(), nullptr, no_passphrase, &is_encrypted));
  if (key) return key;
  const std::string why = reason();
  if (is_encrypted)
    return wrong(file, std::format("the key is encrypted, and nobody is there to be asked for its passphrase; write "
                                   "one without:  openssl pkey -in {} -out NEW",
                                   file.string()));
  return wrong(file, std::format("there is no private key in it that can be read ({}); it should have -----BEGIN "
                                 "PRIVATE KEY-----",
                                 why));
}

Result<void> use_key(SSL_CTX* context, const CertificateFiles& files) {
  const auto key = read_key(files.key);
  if (!key) return std::unexpected(key.error());
  if (X509_check_private_key(SSL_CTX_get0_certificate(context), key->get()) != 1) {
    ERR_clear_error();
    return wrong(files.key, std::format("this is not the key of the first certificate in {}; the server's own comes "
                                        "first there, and behind it those of the authorities that signed it",
                                        files.certificate.string()));
  }
  if (SSL_CTX_use_PrivateKey(context, key->get()) != 1)
    return wrong(files.key, std::format("TLS cannot use the key ({})", reason()));
  return {};
}

// A client that speaks none of ours ends here: it would not understand a word of HTTP/1.1.
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void* /*argument*/) {
  unsigned char* found = nullptr;
  const auto* ours = reinterpret_cast<const unsigned char*>(protocols.data());
  const int result = SSL_select_next_proto(&found, size, ours, protocols.size(), offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool set_rules(SSL_CTX* context) {
  // A client that closes its socket without a word has left: HTTP says itself where a request ends.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // An idle connection has no buffers.
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);  // a record's head and the rest of it at once
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, suites_of_1_2) == 1;
}

}  // namespace

void free_ssl_context(SSL_CTX* context) { SSL_CTX_free(context); }

ServerCertificate::ServerCertificate(CertificateFiles files, Context context)
    : files_(std::move(files)), context_(std::move(context)) {}

Result<std::shared_ptr<ServerCertificate>> ServerCertificate::open(CertificateFiles files) {
  auto context = read(files);
  if (!context) return std::unexpected(context.error());
  return std::shared_ptr<ServerCertificate>(new ServerCertificate(std::move(files), std::move(*context)));
}

Result<ServerCertificate::Context> ServerCertificate::read(const CertificateFiles& files) {
  Context context(SSL_CTX_new(TLS_server_method()));
  if (!context || !set_rules(context.get()))
    return fail(Fault::internal, std::format("TLS could not be set up ({})", reason()));
  if (auto chain = read_chain(context.get(), files.certificate); !chain) return std::unexpected(chain.error());
  if (auto key = use_key(context.get(), files); !key) return std::unexpected(key.error());
  return context;
}

Result<void> ServerCertificate::reload() {
  auto context = read(files_);
  if (!context) return std::unexpected(context.error());
  MutexLock lock(mutex_);
  context_.swap(*context);
  return {};
}

std::unique_ptr<TlsSession> ServerCertificate::begin(int socket) const {
  Owned<SSL, free_ssl> ssl;
  {
    MutexLock lock(mutex_);
    ssl.reset(SSL_new(context_.get()));  // which keeps the context
  }
  return std::make_unique<TlsSession>(std::move(ssl), socket);
}

std::string ServerCertificate::valid_until() const {
  MutexLock lock(mutex_);
  const File text(BIO_new(BIO_s_mem()));
  const X509* own = SSL_CTX_get0_certificate(context_.get());
  if (!text || own == nullptr || ASN1_TIME_print(text.get(), X509_get0_notAfter(own)) != 1) return "an unknown date";
  std::array<char, 64> written{};
  const int size = BIO_read(text.get(), written.data(), static_cast<int>(written.size()));
  return {written.data(), static_cast<std::size_t>(size > 0 ? size : 0)};
}

}  // namespace fovea::serve
