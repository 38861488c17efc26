#include "store/faulty_tier.h"

#include <algorithm>

namespace fovea::test {

namespace {

std::size_t index_of(FaultyTier::Call call) { return static_cast<std::size_t>(call); }

}  // namespace

Result<std::vector<std::optional<TierHit>>> FaultyTier::find_many(RecordKind kind, std::span<const Key> keys,
                                                                  const WaitLimits& limits) {
  if (auto begun = begin_find(limits); !begun) return std::unexpected(begun.error());
  std::vector<std::optional<TierHit>> hits;
  for (const Key& key : keys) hits.push_back(open(kind, key));
  pass(keys);
  return hits;
}

Result<std::optional<Tier::Last>> FaultyTier::find_last(RecordKind kind, std::span<const Key> keys,
                                                        const WaitLimits& limits) {
  if (auto begun = begin_find(limits); !begun) return std::unexpected(begun.error());
  std::optional<Last> last;
  for (std::size_t index = keys.size(); index-- > 0 && !last;) {
    if (auto hit = open(kind, keys[index])) last = Last{index, std::move(*hit)};
  }
  pass(keys);
  return last;
}

Result<void> FaultyTier::insert(RecordKind kind, const TierEntry& entry) {
  if (auto begun = begin(Call::insert); !begun) return begun;
  before_insert.pass({});
  {
    const std::lock_guard lock(mutex_);
    stored_[{kind, entry.key}] = {seal_entry(kind, entry, generations_of(entry)), entry.record};
  }
  after_insert.pass({});
  return {};
}

Result<void> FaultyTier::erase(RecordKind kind, std::span<const Key> keys) {
  if (auto begun = begin(Call::erase); !begun) return begun;
  const std::lock_guard lock(mutex_);
  for (const Key& key : keys) stored_.erase({kind, key});
  return {};
}

void FaultyTier::drop(RecordKind kind, std::span<const Key> keys, const WaitLimits&) {
  const std::lock_guard lock(mutex_);
  for (const Key& key : keys) stored_.erase({kind, key});
}

Result<void> FaultyTier::purge_labels(std::span<const PurgeLabel> labels) {
  if (auto begun = begin(Call::purge); !begun) return begun;
  before_purge.pass({});
  const std::lock_guard lock(mutex_);
  for (const PurgeLabel& label : labels) {
    if (label.everything)
      ++all_purged_;
    else if (label.image)
      ++images_purged_[{label.tenant, *label.image}];
    else
      ++tenants_purged_[label.tenant];
  }
  return {};
}

Result<Tier::KeyPage> FaultyTier::keys(RecordKind kind, std::string_view /*from*/, const WaitLimits& limits) {
  if (auto begun = begin_find(limits); !begun) return std::unexpected(begun.error());
  const std::lock_guard lock(mutex_);
  KeyPage page;
  for (const auto& [name, stored] : stored_) {
    if (name.first == kind) page.keys.push_back(name.second);
  }
  return page;
}

Result<bool> FaultyTier::acquire_lease(const Key& key, std::chrono::milliseconds /*time*/) {
  if (auto begun = begin(Call::lease); !begun) return std::unexpected(begun.error());
  const std::lock_guard lock(mutex_);
  return !leases_of_another_.contains(key) && leases_.insert(key).second;
}

void FaultyTier::release_lease(const Key& key) {
  const std::lock_guard lock(mutex_);
  leases_.erase(key);
}

void FaultyTier::lease_to_another(const Key& key) {
  const std::lock_guard lock(mutex_);
  leases_of_another_.insert(key);
}

void FaultyTier::end_lease_of_another(const Key& key) {
  const std::lock_guard lock(mutex_);
  leases_of_another_.erase(key);
}

bool FaultyTier::is_leased(const Key& key) const {
  const std::lock_guard lock(mutex_);
  return leases_.contains(key);
}

std::string FaultyTier::purges_followed() const {
  const std::lock_guard lock(mutex_);
  return followed_;
}

Result<void> FaultyTier::note_purges_followed(std::string_view position) {
  const std::lock_guard lock(mutex_);
  if (failures_[index_of(Call::purge)].times > 0) return fovea::fail(Fault::unavailable, "the tier was told to fail");
  followed_ = position;
  return {};
}

TierContent FaultyTier::content(RecordKind kind) const {
  const std::lock_guard lock(mutex_);
  TierContent content;
  for (const auto& [place, stored] : stored_) {
    if (place.first != kind) continue;
    ++content.entries;
    content.bytes += stored.head.size() + stored.record.size();
  }
  return content;
}

std::array<std::uint64_t, record_faults> FaultyTier::doubtful() const {
  const std::lock_guard lock(mutex_);
  return doubtful_;
}

void FaultyTier::fail(Call call, Fault fault, int times) {
  const std::lock_guard lock(mutex_);
  failures_[index_of(call)] = {fault, times};
}

void FaultyTier::hang() {
  const std::lock_guard lock(mutex_);
  hangs_ = true;
}

void FaultyTier::work() {
  {
    const std::lock_guard lock(mutex_);
    failures_ = {};
    hangs_ = false;
  }
  changed_.notify_all();
}

void FaultyTier::takes_ms(double ms) {
  const std::lock_guard lock(mutex_);
  takes_ms_ = ms;
}

bool FaultyTier::holds(RecordKind kind, const Key& key) const {
  const std::lock_guard lock(mutex_);
  return stored_.contains({kind, key});
}

bool FaultyTier::lose(RecordKind kind, const Key& key) {
  const std::lock_guard lock(mutex_);
  return stored_.erase({kind, key}) > 0;
}

bool FaultyTier::flip(RecordKind kind, const Key& key, std::size_t bit) {
  const std::lock_guard lock(mutex_);
  const auto found = stored_.find({kind, key});
  if (found == stored_.end()) return false;
  auto& [head, record] = found->second;
  std::vector<std::byte> bytes(record.bytes().begin(), record.bytes().end());
  bit %= 8 * (head.size() + bytes.size());
  const std::size_t at = bit / 8;
  (at < head.size() ? head[at] : bytes[at - head.size()]) ^= static_cast<std::byte>(1 << bit % 8);
  record = Blob::copy_of(bytes);
  return true;
}

bool FaultyTier::cut(RecordKind kind, const Key& key, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = stored_.find({kind, key});
  if (found == stored_.end()) return false;
  Blob& record = found->second.record;
  record = Blob::copy_of(record.bytes().first(std::min(bytes, record.size())));
  return true;
}

bool FaultyTier::give(RecordKind kind, const Key& key, RecordKind other_kind, const Key& other) {
  const std::lock_guard lock(mutex_);
  const auto found = stored_.find({other_kind, other});
  if (found == stored_.end()) return false;
  stored_[{kind, key}] = Stored(found->second);
  return true;
}

int FaultyTier::calls(Call call) const {
  const std::lock_guard lock(mutex_);
  return calls_[index_of(call)];
}

std::optional<std::chrono::steady_clock::time_point> FaultyTier::deadline() const {
  const std::lock_guard lock(mutex_);
  return deadline_;
}

Gate& FaultyTier::found(const Key& key) {
  const std::lock_guard lock(mutex_);
  return found_[key];
}

Result<void> FaultyTier::begin(Call call) {
  const std::lock_guard lock(mutex_);
  ++calls_[index_of(call)];
  Failure& failure = failures_[index_of(call)];
  if (failure.times == 0) return {};
  if (failure.times != always) --failure.times;
  return fovea::fail(failure.fault, "the tier was told to fail");
}

Result<void> FaultyTier::begin_find(const WaitLimits& limits) {
  {
    std::unique_lock lock(mutex_);
    deadline_ = limits.deadline;
    if (clock_ != nullptr) clock_->pass(takes_ms_);
    const auto goes_on = [&] { return !hangs_; };
    const bool gone = limits.deadline ? changed_.wait_until(lock, limits.stop, *limits.deadline, goes_on)
                                      : changed_.wait(lock, limits.stop, goes_on);
    if (!gone) {
      ++calls_[index_of(Call::find)];
      if (limits.stop.stop_requested()) return fovea::fail(Fault::cancelled, "the caller stopped");
      return fovea::fail(Fault::timed_out, "the tier hung");
    }
  }
  return begin(Call::find);
}

void FaultyTier::pass(std::span<const Key> keys) {
  for (const Key& key : keys) {
    Gate* gate = nullptr;
    {
      const std::lock_guard lock(mutex_);
      const auto found = found_.find(key);
      if (found != found_.end()) gate = &found->second;
    }
    if (gate != nullptr) gate->pass({});
  }
}

// The hit under `key`, unless it cannot be believed.
std::optional<TierHit> FaultyTier::open(RecordKind kind, const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = stored_.find({kind, key});
  if (found == stored_.end()) return std::nullopt;
  auto opened = open_entry(found->second.head, found->second.record, kind, key);
  if (opened && opened->generations == generations_of(opened->hit.entry)) {
    return std::move(opened->hit);
  }
  ++doubtful_[static_cast<std::size_t>(opened ? RecordFault::purged : opened.error())];
  stored_.erase(found);
  return std::nullopt;
}

Generations FaultyTier::generations_of(const TierEntry& entry) const {
  const auto count = [](const auto& counts, const auto& label) {
    const auto found = counts.find(label);
    return found == counts.end() ? 0 : found->second;
  };
  Generations generations{.tenant = all_purged_ << 32 | count(tenants_purged_, entry.tenant), .images = {}};
  for (const Key& image : entry.images)
    generations.images.push_back(count(images_purged_, std::pair(entry.tenant, image)));
  return generations;
}

}  // namespace fovea::test
