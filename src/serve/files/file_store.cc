// A vector in the order of upload is enough: there are at most files_max files, and look-ups are rare beside
// the requests they are for. Expired files leave memory at the next call, not by a timer;
// the tiers drop theirs as they drop other entries (file_tiers.cc).
//
// Tiers are asked without the lock. What another process deletes, this one learns from the tier that both
// share. Where all that was kept is to be purged because it may be stale (a shared server lost its memory),
// files stay here: nobody could send them again, and only their own tenant can ask about them.
#include "serve/files/file_store.h"

#include <algorithm>
#include <format>
#include <functional>
#include <iterator>
#include <utility>

#include "base/units.h"
#include "pipeline/levels/scope.h"
#include "serve/wire/fresh_id.h"

namespace fovea::serve {

namespace {

auto is_named(std::string_view tenant, std::string_view id) {
  return [=](const StoredFile& file) { return file.id == id && file.tenant == tenant; };
}

bool cover(std::span<const PurgeLabel> labels, const StoredFile& file) {
  const Key tenant = file_tenant_label(file.tenant);
  return std::ranges::any_of(labels, [&](const PurgeLabel& label) {
    return !label.everything && label.tenant == tenant &&
           (!label.image || *label.image == StoredFile::key_of(file.tenant, file.id));
  });
}

}  // namespace

FileStore::FileStore(FileStoreOptions options, const Tiers* tiers)
    : options_(options), tiers_(tiers != nullptr && !tiers->empty() ? tiers : nullptr) {
  if (tiers_ == nullptr) return;
  behind_.emplace(*tiers_);
  for (const auto& tier : *tiers_) tier->listeners().add(*this);
}

FileStore::~FileStore() {
  if (tiers_ == nullptr) return;
  for (const auto& tier : *tiers_) tier->listeners().remove(*this);
}

Parsed<StoredFile> FileStore::add(std::string_view tenant, std::string_view name, Blob bytes, FileTerms terms) {
  expire();
  const double now_s = unix_time_ms() / 1000;
  StoredFile file{fresh_id("file-"),
                  std::string(tenant),
                  std::string(name),
                  std::move(bytes),
                  now_s,
                  now_s + std::min(terms.ttl_s.value_or(options_.ttl_s), options_.ttl_s),
                  terms.purpose};
  {
    MutexLock lock(mutex_);
    if (!make_room(tenant, file.bytes.size())) {
      const bool never = file.bytes.size() > options_.bytes_max;
      return std::unexpected(Refusal{never ? 413 : 507,
                                     std::format("there is no room for a file of {}: all files together may take {}",
                                                 format_bytes(file.bytes.size()), format_bytes(options_.bytes_max)),
                                     "file", never ? "too_large" : "no_room"});
    }
    bytes_ += file.bytes.size();
    files_.push_back(file);
  }
  if (behind_) behind_->add(file);
  return file;
}

std::optional<StoredFile> FileStore::find(std::string_view tenant, std::string_view id) {
  expire();
  {
    MutexLock lock(mutex_);
    const auto found = std::ranges::find_if(files_, is_named(tenant, id));
    if (found != files_.end()) return *found;
  }
  return behind_ ? behind_->find(tenant, id) : std::nullopt;
}

bool FileStore::remove(std::string_view tenant, std::string_view id) {
  bool was_there = false;
  {
    MutexLock lock(mutex_);
    was_there = !take_out(is_named(tenant, id)).empty();
  }
  if (!behind_) return was_there;
  was_there = was_there || behind_->find(tenant, id);
  if (was_there) behind_->remove(tenant, id);
  return was_there;
}

std::vector<StoredFile> FileStore::list(std::string_view tenant) {
  expire();
  MutexLock lock(mutex_);
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

template <typename IsMeant>
std::vector<StoredFile> FileStore::take_out(const IsMeant& is_meant) {
  const auto meant = std::ranges::stable_partition(files_, std::not_fn(is_meant));
  std::vector<StoredFile> taken(std::make_move_iterator(meant.begin()), std::make_move_iterator(meant.end()));
  files_.erase(meant.begin(), meant.end());
  for (const StoredFile& file : taken) bytes_ -= file.bytes.size();
  return taken;
}

void FileStore::expire() {
  const double now_s = unix_time_ms() / 1000;
  MutexLock lock(mutex_);
  take_out([&](const StoredFile& file) { return file.expires_unix_s <= now_s; });
}

void FileStore::purged_elsewhere(std::span<const PurgeLabel> labels) {
  MutexLock lock(mutex_);
  take_out([&](const StoredFile& file) { return cover(labels, file); });
}

}  // namespace fovea::serve
