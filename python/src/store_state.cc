// SPDX-License-Identifier: Apache-2.0

// A value's time to live is in its payload, by the wall clock, so that it holds in every tier. What is over is
// removed by whoever finds it.
//
// One flight a key asks the tiers and then computes: callers that come meanwhile wait for both.
#include "store_state.h"

#include <chrono>

#include "base/clock.h"
#include "store/await_lease.h"
#include "store/tiered_store.h"
#include "store/value/value_payload.h"

namespace fovea::python {

Scope Scope::of(std::string_view name_space, std::optional<std::string_view> salt) {
  Scope scope;
  scope.id = KeyBuilder("fovea/value-scope/1").field(name_space).field(salt).finish();
  scope.tenant = KeyBuilder("fovea/value-tenant/1").field(name_space).finish();
  if (salt) scope.images.push_back(scope.id);
  return scope;
}

Key Scope::stored(const Key& key) const {
  Key stored = key;
  for (std::size_t i = 0; i < stored.bytes.size(); ++i) stored.bytes[i] ^= id.bytes[i];
  return stored;
}

Result<std::shared_ptr<StoreState>> StoreState::open(const StoreSettings& settings) {
  std::shared_ptr<StoreState> state(new StoreState);
  StoreState* here = state.get();  // which outlives its tiers
  auto opened = OpenTiers::open(settings.tiers, [here](std::string_view sentence) { here->messages_.add(sentence); });
  if (!opened) return std::unexpected(std::move(opened.error()));
  state->opened_.emplace(*std::move(opened));
  state->tiers_ = state->opened_->tiers();
  auto memory = std::make_unique<MemoryStore>(
      RecordKind::value, LevelOptions{.bytes_max = settings.memory_bytes, .policy = settings.policy});
  state->memory_ = memory.get();
  if (state->tiers_ == nullptr) {
    state->store_ = std::move(memory);
  } else {
    state->store_ = std::make_unique<TieredStore>(RecordKind::value, std::move(memory), *state->tiers_);
  }
  return state;
}

bool StoreState::is_over(const Record& record) const {
  const auto value = read_value(record.payload.bytes());
  return !value || (value->expires_unix_ms > 0 && value->expires_unix_ms <= unix_time_ms());
}

std::optional<Record> StoreState::find(const Key& key, const Scope& scope) {
  auto record = store_->find(key, scope.id);
  if (record && is_over(*record)) {
    erase(key);
    record.reset();
  }
  return record;
}

std::optional<Record> StoreState::find_in_memory(const Key& key, const Scope& scope) {
  if (!memory_->contains(key)) return std::nullopt;
  auto record = memory_->find(key, scope.id);
  return record && !is_over(*record) ? std::move(record) : std::nullopt;
}

std::vector<std::optional<Record>> StoreState::find_many(std::span<const Key> keys, const Scope& scope) {
  auto records = store_->find_many(keys, scope.id);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!records[i] || !is_over(*records[i])) continue;
    erase(keys[i]);
    records[i].reset();
  }
  return records;
}

bool StoreState::insert(const Key& key, const Blob& record, const Scope& scope) {
  return store_->insert(key, record, {.tenant = scope.tenant, .images = scope.images});
}

Result<Blob> StoreState::get_or_compute(const Key& key, const Scope& scope,
                                        const std::function<Result<Blob>()>& compute, std::stop_token stop,
                                        Tried tried) {
  std::optional<Blob> made;  // the record, where this caller computed it
  auto shared = flights_.run(
      key,
      [&]() -> Result<Blob> {
        if (auto record = find_or_lease(key, scope, tried)) return std::move(record->payload);
        auto computed = compute();
        if (!computed) {
          store_->release_lease(key);
          return computed;
        }
        made = *std::move(computed);
        return Blob::sharing(std::make_shared<const Blob>(*made), made->bytes().subspan(record_header_bytes));
      },
      [&](const Blob&) {
        if (made) insert(key, *made, scope);
      },
      std::move(stop));
  if (!shared) return std::unexpected(std::move(shared.error()));
  if (shared->joined) ++joined_;
  return std::move(shared->value);
}

// What is neither found nor computed elsewhere is this process's to compute. Memory is looked into in any
// case: another caller may have computed the value since it was missed.
std::optional<Record> StoreState::find_or_lease(const Key& key, const Scope& scope, Tried tried) {
  if (auto record = tried == Tried::tiers ? find_in_memory(key, scope) : find(key, scope)) return record;
  if (tiers_ == nullptr) return std::nullopt;
  const Store::LeaseAnswer answer = store_->acquire_lease(key, scope.id);
  std::optional<Record> record = answer.record;
  if (answer.wait) {
    auto made = await_lease(*store_, key, scope.id, {}, std::chrono::steady_clock::now() + *answer.wait);
    if (made) record = *std::move(made);
  }
  return record && !is_over(*record) ? record : std::nullopt;
}

bool StoreState::erase(const Key& key) { return store_->erase(std::span(&key, 1)) > 0; }

void StoreState::purge(const Scope& scope) {
  if (scope.images.empty()) {
    store_->purge(scope.tenant);
  } else {
    store_->purge(scope.tenant, scope.images[0]);
  }
}

std::vector<Key> StoreState::keys(const Scope& scope) {
  std::vector<Key> keys;
  memory_->level().for_each([&](const EntryView& entry) {
    const auto record = view_record(entry.value);
    if (record && record->header.scope == scope.id && !is_over(*record)) keys.push_back(scope.stored(entry.key));
  });
  return keys;
}

LevelStats StoreState::memory_stats() const {
  LevelStats stats = memory_->stats();
  stats.joined = joined_;
  return stats;
}

bool StoreState::flush(double seconds) {
  if (tiers_ == nullptr) return true;
  const auto deadline = std::chrono::steady_clock::now() +
                        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
  bool all = true;
  for (const auto& tier : *tiers_) all &= tier->flush(deadline);
  return all;
}

}  // namespace fovea::python
