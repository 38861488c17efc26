// A store whose memory holds nothing: what this process was sent lies in the FileStore, and what it finds in
// a tier it finds there again. So another node's file is never here longer than a request needs it, and a
// file that was deleted elsewhere need not be looked for in this memory. A nearer tier keeps what came from a
// farther one, as with everything else.
//
// A file whose time is over is found by nobody, since each process reads the time in its record. So its
// removal only makes room: it is tried where the file was just found, and never waits to be tried again. Else
// a server that is away would leave so many of these that they become a purge of everything.
//
// A deleted file is erased from a tier of one's own by its key. From one that others share it is purged by a
// label, which others learn of, also those that are down now. The label is the file's key, in the place of an
// image's, and says so: nobody's disk has to remember it (store/purge_follower.h).
#include "serve/files/file_tiers.h"

#include <chrono>
#include <ranges>
#include <span>
#include <tuple>

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
  const Key key = StoredFile::key_of(tenant, id);
  const auto record = store_->find(key, StoredFile::scope_of(tenant));
  if (!record) return std::nullopt;
  auto file = StoredFile::from_record(*record, tenant, id);
  if (file && file->expires_unix_s > unix_time_ms() / 1000) return file;
  for (const auto& tier : tiers_) {
    if (tier->kind() == record->found_in) std::ignore = tier->tier().erase(RecordKind::file, std::span(&key, 1));
  }
  return std::nullopt;
}

// The farthest first. Then the stores are told: a look-up that had found it there must not put it into a
// nearer tier behind its removal from that.
void FileTiers::remove(std::string_view tenant, std::string_view id) {
  const Key key = StoredFile::key_of(tenant, id);
  const std::span<const Key> keys(&key, 1);
  const PurgeLabel label{.tenant = file_tenant_label(tenant), .image = key, .is_file = true};
  for (const auto& tier : std::views::reverse(tiers_)) {
    if (tier->tier().purge_log() == nullptr) {
      tier->erase(RecordKind::file, keys);
    } else {
      tier->purge(label);
      // It is found no more. Its bytes make room at once where the tier works.
      if (tier->has_removed_all()) std::ignore = tier->tier().erase(RecordKind::file, keys);
    }
    tier->listeners().tell(std::span(&label, 1));
  }
}

}  // namespace fovea::serve
