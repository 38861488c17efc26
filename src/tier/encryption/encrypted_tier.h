// EncryptedTier: a tier that keeps in another one what only the holders of its tenants' keys can read.
//
// Purging a tenant destroys its secret first, so what it stored cannot be read any more wherever a copy of it
// lies. Where a key cannot be had, what it encrypted is not found. Thread-safe. Its keys may be those of
// several tiers.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/tier.h"
#include "tier/encryption/tenant_keys.h"

namespace fovea {

// What purging a tenant does with its secret.
enum class SecretOnPurge : std::uint8_t {
  destroyed,
  // Left as it is, and read again: another tier of this process destroys it. For a disk beside a shared tier,
  // which also learns of purges that are long over.
  read_again,
};

class EncryptedTier final : public Tier {
 public:
  EncryptedTier(std::unique_ptr<Tier> inner, std::shared_ptr<TenantKeys> keys, SecretOnPurge on_purge)
      : inner_(std::move(inner)), keys_(std::move(keys)), on_purge_(on_purge) {}

  TierKind kind() const override { return inner_->kind(); }

  // What does not decrypt is a miss, counted as wrong_checksum, and removed. Where the keys of some entries
  // cannot be had, those are misses; an error where nothing was found for that.
  // Faults, besides Tier's: those of TenantKeys::keys_of.
  Result<std::vector<std::optional<TierHit>>> find_many(RecordKind kind, std::span<const Key> keys,
                                                        const WaitLimits& limits) override;
  Result<std::optional<Last>> find_last(RecordKind kind, std::span<const Key> keys, const WaitLimits& limits) override;
  Result<void> insert(RecordKind kind, const TierEntry& entry) override;
  Result<void> erase(RecordKind kind, std::span<const Key> keys) override;
  void drop(RecordKind kind, std::span<const Key> keys, const WaitLimits& limits) override;
  Result<void> purge_labels(std::span<const PurgeLabel> labels) override;
  PurgeLog* purge_log() override { return inner_->purge_log(); }
  std::string purges_followed() const override { return inner_->purges_followed(); }
  Result<void> note_purges_followed(std::string_view position) override {
    return inner_->note_purges_followed(position);
  }

  // Reads and decrypts each entry, since what it lies under does not tell its key. What is not encrypted is
  // not listed; what does not decrypt is counted, not listed, and stays.
  Result<KeyPage> keys(RecordKind kind, std::string_view from, const WaitLimits& limits) override;

  Result<bool> acquire_lease(const Key& key, std::chrono::milliseconds time) override;
  void release_lease(const Key& key) override;

  TierContent content(RecordKind kind) const override { return inner_->content(kind); }
  std::array<std::uint64_t, record_faults> doubtful() const override;

 private:
  Result<std::optional<TierHit>> opened(RecordKind kind, const TierHit& stored, const WaitLimits& limits);
  Result<void> end_key(const Key& tenant);
  void doubt(RecordKind kind, std::span<const Key> stored, const WaitLimits& limits);

  const std::unique_ptr<Tier> inner_;
  const std::shared_ptr<TenantKeys> keys_;
  const SecretOnPurge on_purge_;
  std::atomic<std::uint64_t> undecryptable_ = 0;
};

}  // namespace fovea
