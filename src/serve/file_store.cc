// A vector in the order of upload is enough: there are at most files_max files, and look-ups are rare beside
// the requests they are for. Expired files are removed at the next call, not by a timer.
#include "serve/file_store.h"

#include <algorithm>
#include <format>

#include "base/units.h"
#include "serve/wire/fresh_id.h"

namespace fovea::serve {

Parsed<StoredFile> FileStore::add(std::string_view tenant, std::string_view name, Blob bytes) {
  const double now_s = unix_time_ms() / 1000;
  StoredFile file{fresh_id("file-"),     std::string(tenant), std::string(name), std::move(bytes), now_s,
                  now_s + options_.ttl_s};
  MutexLock lock(mutex_);
  expire(now_s);
  if (!make_room(tenant, file.bytes.size())) {
    const bool never = file.bytes.size() > options_.bytes_max;
    return std::unexpected(Refusal{never ? 413 : 507,
                                   std::format("there is no room for a file of {}: all files together may take {}",
                                               format_bytes(file.bytes.size()), format_bytes(options_.bytes_max)),
                                   "file", never ? "too_large" : "no_room"});
  }
  bytes_ += file.bytes.size();
  files_.push_back(file);
  return file;
}

std::optional<StoredFile> FileStore::find(std::string_view tenant, std::string_view id) {
  MutexLock lock(mutex_);
  expire(unix_time_ms() / 1000);
  const auto found =
      std::ranges::find_if(files_, [&](const StoredFile& file) { return file.id == id && file.tenant == tenant; });
  return found == files_.end() ? std::nullopt : std::optional(*found);
}

bool FileStore::remove(std::string_view tenant, std::string_view id) {
  MutexLock lock(mutex_);
  const auto found =
      std::ranges::find_if(files_, [&](const StoredFile& file) { return file.id == id && file.tenant == tenant; });
  if (found == files_.end()) return false;
  bytes_ -= found->bytes.size();
  files_.erase(found);
  return true;
}

std::vector<StoredFile> FileStore::list(std::string_view tenant) {
  MutexLock lock(mutex_);
  expire(unix_time_ms() / 1000);
  std::vector<StoredFile> files;
  for (const StoredFile& file : files_) {
    if (file.tenant == tenant) files.push_back(file);
  }
  std::ranges::reverse(files);
  return files;
}

std::uint64_t FileStore::bytes() const {
  MutexLock lock(mutex_);
  return bytes_;
}

bool FileStore::make_room(std::string_view tenant, std::uint64_t size) {
  const auto is_own = [&](const StoredFile& file) { return file.tenant == tenant; };
  std::uint64_t others_bytes = 0;
  std::size_t others = 0;
  for (const StoredFile& file : files_) {
    if (is_own(file)) continue;
    others_bytes += file.bytes.size();
    ++others;
  }
  if (others_bytes + size > options_.bytes_max || others >= options_.files_max) return false;
  while (bytes_ + size > options_.bytes_max || files_.size() >= options_.files_max) {
    const auto oldest = std::ranges::find_if(files_, is_own);
    bytes_ -= oldest->bytes.size();
    files_.erase(oldest);
  }
  return true;
}

void FileStore::expire(double now_s) {
  std::erase_if(files_, [&](const StoredFile& file) { return file.expires_unix_s <= now_s; });
  bytes_ = 0;
  for (const StoredFile& file : files_) bytes_ += file.bytes.size();
}

}  // namespace fovea::serve
