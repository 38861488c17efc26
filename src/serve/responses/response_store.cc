// A list in the order of use, which is the order in which its entries expire, with an index of the responses
// and one of their items. So no call looks through what other tenants have stored, but for a new response
// that needs room. A conversation is moved to the end as a whole when it goes on, so that its first response
// is not removed while its last one is in use. Expired responses leave at the next call, not by a timer.
#include "serve/responses/response_store.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fovea::serve {

namespace {

// Of the vectors, the strings, the shared pointer and the indexes: no number of empty responses is free.
constexpr std::uint64_t overhead_bytes = 768, item_overhead_bytes = 384;

}  // namespace

std::uint64_t StoredResponse::charged() const {
  std::uint64_t bytes = overhead_bytes + id.size() + previous.size() + reply.size();
  for (const auto* items : {&input, &output}) {
    for (const StoredItem& item : *items) bytes += item_overhead_bytes + item.id.size() + item.json.size();
  }
  return bytes;
}

bool ResponseStore::add(std::string_view tenant, StoredResponse response) {
  const std::uint64_t bytes = response.charged();
  MutexLock lock(mutex_);
  expire();
  if (const auto same = entry_of(tenant, response.id); same != entries_.end()) take_out(same);
  if (!make_room(tenant, bytes)) return false;
  bytes_ += bytes;
  entries_.push_back({std::string(tenant), std::make_shared<const StoredResponse>(std::move(response)),
                      clock_.now_ms() + options_.ttl_s * 1000});
  const auto entry = std::prev(entries_.end());
  const StoredResponse& stored = *entry->response;
  by_id_.emplace(Name(tenant, stored.id), entry);
  for (const auto* items : {&stored.input, &stored.output}) {
    for (const StoredItem& item : *items) by_item_.emplace(ItemName(Name(tenant, item.id), &stored), &item);
  }
  return true;
}

ResponseStore::Stored ResponseStore::find(std::string_view tenant, std::string_view id) {
  MutexLock lock(mutex_);
  expire();
  const auto found = entry_of(tenant, id);
  return found == entries_.end() ? nullptr : found->response;
}

bool ResponseStore::remove(std::string_view tenant, std::string_view id) {
  MutexLock lock(mutex_);
  expire();
  const auto found = entry_of(tenant, id);
  if (found == entries_.end()) return false;
  take_out(found);
  return true;
}

std::vector<ResponseStore::Stored> ResponseStore::conversation(std::string_view tenant, std::string_view id) {
  MutexLock lock(mutex_);
  expire();
  std::vector<Entries::iterator> found;
  for (std::string_view next = id; !next.empty(); next = found.back()->response->previous) {
    found.push_back(entry_of(tenant, next));
    if (found.back() == entries_.end() || found.size() > entries_.size()) return {};
  }
  std::ranges::reverse(found);
  std::vector<Stored> stored;
  for (const auto entry : found) {
    stored.push_back(entry->response);
    entry->expires_ms = clock_.now_ms() + options_.ttl_s * 1000;
    entries_.splice(entries_.end(), entries_, entry);
  }
  return stored;
}

std::optional<std::string> ResponseStore::item(std::string_view tenant, std::string_view item_id) {
  MutexLock lock(mutex_);
  expire();
  const Name name(tenant, item_id);
  const auto found = by_item_.lower_bound({name, nullptr});
  if (found == by_item_.end() || found->first.first != name) return std::nullopt;
  return found->second->json;
}

std::size_t ResponseStore::purge(std::string_view tenant) {
  MutexLock lock(mutex_);
  std::size_t purged = 0;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const bool is_own = entry->tenant == tenant;
    purged += is_own ? 1 : 0;
    entry = is_own ? take_out(entry) : std::next(entry);
  }
  return purged;
}

std::uint64_t ResponseStore::bytes() const {
  MutexLock lock(mutex_);
  return bytes_;
}

ResponseStore::Entries::iterator ResponseStore::entry_of(std::string_view tenant, std::string_view id) {
  const auto found = by_id_.find(Name(tenant, id));
  return found == by_id_.end() ? entries_.end() : found->second;
}

bool ResponseStore::make_room(std::string_view tenant, std::uint64_t bytes) {
  const auto fits = [&](std::uint64_t held, std::size_t count) {
    return held + bytes <= options_.bytes_max && count < options_.responses_max;
  };
  if (fits(bytes_, entries_.size())) return true;
  std::uint64_t others_bytes = 0;
  std::size_t others = 0;
  for (const Entry& entry : entries_) {
    if (entry.tenant == tenant) continue;
    others_bytes += entry.response->charged();
    ++others;
  }
  if (!fits(others_bytes, others)) return false;
  for (auto entry = entries_.begin(); !fits(bytes_, entries_.size());)
    entry = entry->tenant == tenant ? take_out(entry) : std::next(entry);
  return true;
}

void ResponseStore::expire() {
  const double now_ms = clock_.now_ms();
  while (!entries_.empty() && entries_.front().expires_ms <= now_ms) take_out(entries_.begin());
}

ResponseStore::Entries::iterator ResponseStore::take_out(Entries::iterator entry) {
  const StoredResponse& response = *entry->response;
  bytes_ -= response.charged();
  by_id_.erase(Name(entry->tenant, response.id));
  for (const auto* items : {&response.input, &response.output}) {
    for (const StoredItem& item : *items) by_item_.erase({{entry->tenant, item.id}, &response});
  }
  return entries_.erase(entry);
}

}  // namespace fovea::serve
