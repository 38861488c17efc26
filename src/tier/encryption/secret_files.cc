// A secret is written under a name of its own and then linked to the tenant's: of two processes that draw for
// one tenant, one links first, and both read what that one wrote.
#include "tier/encryption/secret_files.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <system_error>
#include <utility>

#include "base/check.h"

namespace fovea {

namespace {

constexpr int tries_max = 3;  // another process may destroy what was drawn, again and again

class OpenFile {
 public:
  OpenFile(const std::filesystem::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  bool write_whole(const Secret& secret) const {
    return ::pwrite(fd_, secret.bytes().data(), Secret::secret_bytes, 0) == ssize_t{Secret::secret_bytes} &&
           ::fsync(fd_) == 0;
  }

 private:
  const int fd_;
};

std::unexpected<Error> failed(const std::filesystem::path& path) {
  return fail(Fault::unavailable,
              std::format("the tenants' secrets in '{}': {}", path.parent_path().string(), std::strerror(errno)));
}

// nullopt where there is none, or something of another length.
Result<std::optional<Secret>> read_secret(const std::filesystem::path& path) {
  const OpenFile file(path, O_RDONLY);
  if (!file.is_open()) {
    if (errno == ENOENT) return std::nullopt;
    return failed(path);
  }
  std::array<std::byte, Secret::secret_bytes + 1> bytes;
  const ssize_t got = ::read(file.fd(), bytes.data(), bytes.size());
  if (got < 0) return failed(path);
  std::optional<Secret> secret;
  if (got == ssize_t{Secret::secret_bytes}) secret.emplace(std::span(bytes).first<Secret::secret_bytes>());
  sodium_memzero(bytes.data(), bytes.size());
  return secret;
}

}  // namespace

Result<std::unique_ptr<SecretFiles>> SecretFiles::open(const std::filesystem::path& folder) {
  check(sodium_init() >= 0, "libsodium can be used");
  std::error_code error;
  const bool made = std::filesystem::create_directories(folder, error);
  if (made) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  std::size_t files = 0;
  if (!error) {
    const std::filesystem::directory_iterator in_it(folder, error);
    if (!error) files = static_cast<std::size_t>(std::distance(begin(in_it), end(in_it)));
  }
  if (error)
    return fail(Fault::unavailable, std::format("the tenants' secrets in '{}': {}", folder.string(), error.message()));
  return std::unique_ptr<SecretFiles>(new SecretFiles(folder, files));
}

Result<Secret> SecretFiles::read_or_draw(const Key& tenant, const WaitLimits&) {
  const std::filesystem::path path = path_of(tenant);
  for (int i = 0; i < tries_max; ++i) {
    auto secret = read_secret(path);
    if (!secret) return std::unexpected(std::move(secret.error()));
    if (*secret) return std::move(**secret);
    if (auto drawn = draw(path); !drawn) return std::unexpected(std::move(drawn.error()));
  }
  return fail(Fault::unavailable,
              std::format("the tenants' secrets in '{}' are changed by somebody else", folder_.string()));
}

Result<void> SecretFiles::draw(const std::filesystem::path& path) {
  if (files_ >= files_max)
    return fail(Fault::too_large,
                std::format("'{}' holds the secrets of {} tenants, and takes no more", folder_.string(), files_max));
  const std::filesystem::path fresh =
      std::format("{}.{:08x}{:08x}", path.string(), randombytes_random(), randombytes_random());
  {
    const OpenFile file(fresh, O_WRONLY | O_CREAT | O_EXCL);
    if (!file.is_open() || !file.write_whole(Secret::drawn())) {
      auto error = failed(path);
      ::unlink(fresh.c_str());
      return error;
    }
  }
  std::error_code missing;
  if (std::filesystem::file_size(path, missing) != Secret::secret_bytes && !missing) ::unlink(path.c_str());
  const bool linked = ::link(fresh.c_str(), path.c_str()) == 0;
  const int why = errno;
  ::unlink(fresh.c_str());
  errno = why;
  if (!linked && why != EEXIST) return failed(path);
  if (linked) ++files_;
  return {};
}

Result<void> SecretFiles::destroy(const Key& tenant) {
  const std::filesystem::path path = path_of(tenant);
  {
    const OpenFile file(path, O_WRONLY);
    if (!file.is_open()) {
      if (errno == ENOENT) return {};
      return failed(path);
    }
    if (!file.write_whole(Secret::drawn())) return failed(path);
  }
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return failed(path);
  }
  --files_;
  const OpenFile folder(folder_, O_RDONLY | O_DIRECTORY);
  if (!folder.is_open() || ::fsync(folder.fd()) != 0) return failed(path);
  return {};
}

}  // namespace fovea
