// A secret that is read while it is destroyed may be the old one. It is used by that one call, and not kept.
#include "tier/encryption/tenant_keys.h"

#include <sodium.h>

#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/digest.h"

namespace fovea {

namespace {

constexpr std::string_view key_context = "fovea 2026-11-29 a tenant's key of what tiers keep, 1";

}  // namespace

TenantKeys::TenantKeys(std::vector<SealKey> fleet, std::unique_ptr<TenantSecrets> secrets, const Clock& clock)
    : fleet_(std::move(fleet)), secrets_(std::move(secrets)), clock_(clock) {
  check(!fleet_.empty(), "a tenant's key needs the fleet's secret");
}

TenantKeys::~TenantKeys() {
  for (SealKey& key : fleet_) sodium_memzero(key.data(), key.size());
}

std::vector<Secret> TenantKeys::made_for(const Key& tenant, const Secret& secret) const {
  std::vector<Secret> keys;
  for (const SealKey& fleet : fleet_) {
    Digest key = derived_digest(key_context, {fleet, secret.bytes(), tenant.bytes});
    keys.emplace_back(key);
    sodium_memzero(key.data(), key.size());
  }
  return keys;
}

Result<std::vector<Secret>> TenantKeys::keys_of(const Key& tenant, const WaitLimits& limits) {
  std::uint64_t renewals = 0;
  {
    MutexLock lock(mutex_);
    const auto kept = kept_.find(tenant);
    if (kept != kept_.end() && clock_.now_ms() - kept->second.read_at_ms < kept_ms) return kept->second.keys;
    renewals = renewals_;
  }
  const double now_ms = clock_.now_ms();
  const auto secret = secrets_->read_or_draw(tenant, limits);
  if (!secret) return std::unexpected(secret.error());
  Kept kept{made_for(tenant, *secret), now_ms};
  MutexLock lock(mutex_);
  if (renewals == renewals_) keep(tenant, kept);
  return std::move(kept.keys);
}

void TenantKeys::keep(const Key& tenant, const Kept& kept) {
  if (kept_.size() >= kept_max && !kept_.contains(tenant)) {
    std::erase_if(kept_, [&](const auto& one) { return kept.read_at_ms - one.second.read_at_ms >= kept_ms; });
    if (kept_.size() >= kept_max) kept_.clear();
  }
  kept_.insert_or_assign(tenant, kept);
}

bool TenantKeys::doubt(const Key& tenant) {
  MutexLock lock(mutex_);
  const auto kept = kept_.find(tenant);
  if (kept == kept_.end()) return false;
  if (clock_.now_ms() - kept->second.read_at_ms < doubted_ms) return false;
  kept_.erase(kept);
  return true;
}

void TenantKeys::read_again(const Key& tenant) {
  MutexLock lock(mutex_);
  ++renewals_;
  kept_.erase(tenant);
}

// Dropped after it was destroyed, so that nobody reads and keeps it in between.
Result<void> TenantKeys::destroy(const Key& tenant) {
  auto destroyed = secrets_->destroy(tenant);
  read_again(tenant);
  return destroyed;
}

}  // namespace fovea
