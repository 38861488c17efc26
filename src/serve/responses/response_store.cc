// A vector in the order of use is enough: there are at most responses_max responses, and a look-up takes
// microseconds beside an answer's milliseconds. A conversation is moved to the end as a whole when it goes
// on, so that its first response is not removed while its last one is in use. Expired responses leave at
// the next call, not by a timer.
#include "serve/responses/response_store.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fovea::serve {

namespace {

// Of the vectors, the strings and the shared pointer: no number of empty responses is free.
constexpr std::uint64_t overhead_bytes = 512, item_overhead_bytes = 128;

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
  if (!make_room(tenant, bytes)) return false;
  bytes_ += bytes;
  entries_.push_back({std::string(tenant), std::make_shared<const StoredResponse>(std::move(response)),
                      clock_.now_ms() + options_.ttl_s * 1000});
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
  return take_out([&](const Entry& entry) { return entry.response->id == id && entry.tenant == tenant; }) > 0;
}

std::vector<ResponseStore::Stored> ResponseStore::conversation(std::string_view tenant, std::string_view id) {
  MutexLock lock(mutex_);
  expire();
  std::vector<Stored> stored;
  for (std::string_view next = id; !next.empty(); next = stored.back()->previous) {
    const auto found = entry_of(tenant, next);
    if (found == entries_.end()) return {};
    stored.push_back(found->response);
  }
  std::ranges::reverse(stored);
  for (const Stored& response : stored) {
    const auto entry = entry_of(tenant, response->id);
    entry->expires_ms = clock_.now_ms() + options_.ttl_s * 1000;
    std::rotate(entry, std::next(entry), entries_.end());
  }
  return stored;
}

std::optional<std::string> ResponseStore::item(std::string_view tenant, std::string_view item_id) {
  MutexLock lock(mutex_);
  expire();
  for (const Entry& entry : entries_) {
    if (entry.tenant != tenant) continue;
    for (const auto* items : {&entry.response->input, &entry.response->output}) {
      const auto found = std::ranges::find(*items, item_id, &StoredItem::id);
      if (found != items->end()) return found->json;
    }
  }
  return std::nullopt;
}

std::size_t ResponseStore::purge(std::string_view tenant) {
  MutexLock lock(mutex_);
  return take_out([&](const Entry& entry) { return entry.tenant == tenant; });
}

std::uint64_t ResponseStore::bytes() const {
  MutexLock lock(mutex_);
  return bytes_;
}

std::vector<ResponseStore::Entry>::iterator ResponseStore::entry_of(std::string_view tenant, std::string_view id) {
  return std::ranges::find_if(entries_,
                              [&](const Entry& entry) { return entry.response->id == id && entry.tenant == tenant; });
}

bool ResponseStore::make_room(std::string_view tenant, std::uint64_t bytes) {
  const auto is_own = [&](const Entry& entry) { return entry.tenant == tenant; };
  std::uint64_t others_bytes = 0;
  std::size_t others = 0;
  for (const Entry& entry : entries_) {
    if (is_own(entry)) continue;
    others_bytes += entry.response->charged();
    ++others;
  }
  if (others_bytes + bytes > options_.bytes_max || others >= options_.responses_max) return false;
  while (bytes_ + bytes > options_.bytes_max || entries_.size() >= options_.responses_max) {
    const auto oldest = std::ranges::find_if(entries_, is_own);
    bytes_ -= oldest->response->charged();
    entries_.erase(oldest);
  }
  return true;
}

void ResponseStore::expire() {
  const double now_ms = clock_.now_ms();
  take_out([&](const Entry& entry) { return entry.expires_ms <= now_ms; });
}

template <typename IsMeant>
std::size_t ResponseStore::take_out(const IsMeant& is_meant) {
  return std::erase_if(entries_, [&](const Entry& entry) {
    if (!is_meant(entry)) return false;
    bytes_ -= entry.response->charged();
    return true;
  });
}

}  // namespace fovea::serve
