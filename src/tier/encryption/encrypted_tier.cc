// An entry names its tenant, so keys are asked for when entries were found: a miss needs none.
//
// Another process may have destroyed a tenant's secret while this one keeps its key. Then what was stored
// since does not decrypt, so a key that is not fresh is read again before an entry is doubted.
#include "tier/encryption/encrypted_tier.h"

#include <algorithm>
#include <utility>

#include "store/purge_label.h"
#include "tier/encryption/encrypted_entry.h"

namespace fovea {

namespace {

constexpr std::size_t last_tries_max = 4;  // of find_last, where what it finds does not decrypt

std::vector<Key> encrypted_keys(std::span<const Key> keys) {
  std::vector<Key> stored;
  stored.reserve(keys.size());
  for (const Key& key : keys) stored.push_back(encrypted_key(key));
  return stored;
}

}  // namespace

// The entry, or nullopt where it does not decrypt.
Result<std::optional<TierHit>> EncryptedTier::opened(RecordKind kind, const TierHit& stored, const WaitLimits& limits) {
  do {
    const auto keys = keys_->keys_of(stored.entry.tenant, limits);
    if (!keys) return std::unexpected(keys.error());
    if (auto hit = decrypt_entry(kind, stored, *keys)) return hit;
  } while (keys_->doubt(stored.entry.tenant));
  return std::nullopt;
}

// A tier that cannot remove them now will find them again, and they are misses again.
void EncryptedTier::doubt(RecordKind kind, std::span<const Key> stored, const WaitLimits& limits) {
  if (stored.empty()) return;
  undecryptable_ += stored.size();
  inner_->drop(kind, stored, limits);
}

Result<std::vector<std::optional<TierHit>>> EncryptedTier::find_many(RecordKind kind, std::span<const Key> keys,
                                                                     const WaitLimits& limits) {
  auto found = inner_->find_many(kind, encrypted_keys(keys), limits);
  if (!found) return found;
  std::vector<Key> doubted;
  std::optional<Error> without_key;
  bool any = false;
  for (std::optional<TierHit>& hit : *found) {
    if (!hit) continue;
    auto entry = opened(kind, *hit, limits);
    if (!entry) without_key = std::move(entry.error());
    if (entry && !*entry) doubted.push_back(hit->entry.key);
    hit = entry ? std::move(*entry) : std::nullopt;
    any |= hit.has_value();
  }
  doubt(kind, doubted, limits);
  if (without_key && !any) return std::unexpected(std::move(*without_key));
  return found;
}

Result<std::optional<Tier::Last>> EncryptedTier::find_last(RecordKind kind, std::span<const Key> keys,
                                                           const WaitLimits& limits) {
  const std::vector<Key> stored = encrypted_keys(keys);
  std::span<const Key> rest = stored;
  for (std::size_t i = 0; i < last_tries_max; ++i) {
    auto last = inner_->find_last(kind, rest, limits);
    if (!last || !*last) return last;
    auto hit = opened(kind, (*last)->hit, limits);
    if (!hit) return std::unexpected(std::move(hit.error()));
    if (*hit) return Last{(*last)->index, std::move(**hit)};
    doubt(kind, rest.subspan((*last)->index, 1), limits);
    rest = rest.first((*last)->index);
  }
  return std::nullopt;
}

Result<void> EncryptedTier::insert(RecordKind kind, const TierEntry& entry) {
  const auto keys = keys_->keys_of(entry.tenant, {});
  if (!keys) return std::unexpected(keys.error());
  return inner_->insert(kind, encrypt_entry(kind, entry, keys->front()));
}

Result<void> EncryptedTier::erase(RecordKind kind, std::span<const Key> keys) {
  return inner_->erase(kind, encrypted_keys(keys));
}

void EncryptedTier::drop(RecordKind kind, std::span<const Key> keys, const WaitLimits& limits) {
  inner_->drop(kind, encrypted_keys(keys), limits);
}

Result<void> EncryptedTier::end_key(const Key& tenant) {
  if (on_purge_ == SecretOnPurge::destroyed) return keys_->destroy(tenant);
  keys_->read_again(tenant);
  return {};
}

// Where one step fails, the others are done all the same. A purge of everything leaves the secrets: nobody
// has a list of them.
Result<void> EncryptedTier::purge_labels(std::span<const PurgeLabel> labels) {
  Result<void> ended;
  for (const PurgeLabel& label : labels) {
    if (label.image || label.everything) continue;
    if (auto one = end_key(label.tenant); !one) ended = std::move(one);
  }
  auto purged = inner_->purge_labels(labels);
  return ended ? purged : ended;
}

// One entry at a time: a page of large ones does not fit into memory.
Result<Tier::KeyPage> EncryptedTier::keys(RecordKind kind, std::string_view from, const WaitLimits& limits) {
  auto page = inner_->keys(kind, from, limits);
  if (!page) return page;
  KeyPage listed{.keys = {}, .next = std::move(page->next)};
  for (const Key& key : page->keys) {
    const auto found = inner_->find_many(kind, std::span(&key, 1), limits);
    if (!found) return std::unexpected(found.error());
    const auto& hit = found->front();
    if (!hit || !is_encrypted(hit->record)) continue;
    const auto entry = opened(kind, *hit, limits);
    if (!entry) return std::unexpected(entry.error());
    if (*entry)
      listed.keys.push_back((*entry)->entry.key);
    else
      ++undecryptable_;
  }
  return listed;
}

Result<bool> EncryptedTier::acquire_lease(const Key& key, std::chrono::milliseconds time) {
  return inner_->acquire_lease(encrypted_key(key), time);
}

void EncryptedTier::release_lease(const Key& key) { inner_->release_lease(encrypted_key(key)); }

std::array<std::uint64_t, record_faults> EncryptedTier::doubtful() const {
  auto counts = inner_->doubtful();
  counts[static_cast<std::size_t>(RecordFault::wrong_checksum)] += undecryptable_;
  return counts;
}

}  // namespace fovea
