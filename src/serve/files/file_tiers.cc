// A store whose memory holds nothing: what this process was sent lies in the FileStore, and what it finds in
// a tier it finds there again. So another node's file is never here longer than a request needs it, and a
// file that was deleted elsewhere need not be looked for in this memory. A nearer tier keeps what came from a
// farther one, as with everything else.
//
// A file is removed by its key. Where others share a tier, its label is purged there too: that is what they
// learn of, also those that are down now. The label is the file's key, in the place of an image's. A disk of
// one's own is told no labels, since it would have to remember each (decision 054), and some clients delete
// every file that they upload.
#include "serve/files/file_tiers.h"

#include <chrono>
#include <span>

#include "base/clock.h"
#include "pipeline/levels/scope.h"
#include "store/memory_store.h"
#include "store/purge_label.h"
#include "store/tiered_store.h"

namespace fovea::serve {

namespace {

// A client that has its id may ask the next node about it at once. A tier that works has it after
// milliseconds; one that does not is not waited for longer than people notice.
constexpr std::chrono::milliseconds write_within{500};

}  // namespace

FileTiers::FileTiers(const Tiers& tiers)
    : tiers_(tiers),
      store_(std::make_unique<TieredStore>(
          RecordKind::file, std::make_unique<MemoryStore>(RecordKind::file, LevelOptions{.bytes_max = 0}), tiers)) {}

void FileTiers::add(const StoredFile& file) {
  const Key key = StoredFile::key_of(file.tenant, file.id);
  store_->insert(key, file.record(), {.tenant = file_tenant_label(file.tenant), .images = std::span(&key, 1)});
  const auto deadline = std::chrono::steady_clock::now() + write_within;
  for (const auto& tier : tiers_) tier->wait_until_written(deadline);
}

std::optional<StoredFile> FileTiers::find(std::string_view tenant, std::string_view id) {
  const auto record = store_->find(StoredFile::key_of(tenant, id), StoredFile::scope_of(tenant));
  if (!record) return std::nullopt;
  auto file = StoredFile::from_record(*record, tenant, id);
  if (file && file->expires_unix_s > unix_time_ms() / 1000) return file;
  expire(tenant, id);
  return std::nullopt;
}

// No news for others: they read the same time.
void FileTiers::expire(std::string_view tenant, std::string_view id) {
  const Key key = StoredFile::key_of(tenant, id);
  store_->erase(std::span(&key, 1));
}

void FileTiers::remove(std::string_view tenant, std::string_view id) {
  expire(tenant, id);
  const PurgeLabel label{.tenant = file_tenant_label(tenant), .image = StoredFile::key_of(tenant, id)};
  for (const auto& tier : tiers_) {
    if (tier->tier().purge_log() != nullptr) tier->purge(label);
  }
}

}  // namespace fovea::serve
