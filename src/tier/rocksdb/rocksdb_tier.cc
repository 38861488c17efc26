// A value is a sealed entry. It is copied once on its way out, since a Blob is aligned and RocksDB's blocks
// are not. Beside each value lies what the index knows of it, so that the index is read again at the next
// start without the values.
//
// All that is read at the start has to be sound, or the database is damaged and begins empty: the marks of
// purges and how far others' were followed, since without them a purge is undone; the index too, since
// RocksDB refuses to write once it meets the damage while it merges files.
//
// The bytes of the files are not counted exactly: what RocksDB adds to a value is estimated. Where a file
// goes too early all the same, the index finds out when the value is asked for, and forgets it.
#include "tier/rocksdb/rocksdb_tier.h"

#include <algorithm>
#include <chrono>
#include <format>
#include <utility>

#include "base/units.h"
#include "store/byte_io.h"
#include "tier/rocksdb/database.h"
#include "tier/rocksdb/learnt.h"
#include "tier/rocksdb/purge_marks.h"

namespace fovea {

namespace {

constexpr std::string_view appended_name = "appended";  // in the notes
constexpr std::string_view learnt_name = "learnt";      // there too
constexpr std::chrono::minutes learnt_kept_every{10};   // some 2 MB each time
constexpr std::string_view followed_name = "followed";  // there too: how far others' purges were carried out
constexpr std::size_t keys_of_a_page = 1000;
constexpr std::uint64_t rescued_for_one = 8;  // bytes that are appended again, for one that is new
constexpr std::uint64_t added_bytes = 160;    // to a value, by RocksDB: its key, a block's ends and filter

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

rocksdb::Slice slice_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A name as a key of the database: the kind's number, then the key.
std::string key_of(const DiskName& name) {
  std::string key(1, static_cast<char>(name.kind));
  return key.append(reinterpret_cast<const char*>(name.key.bytes.data()), name.key.bytes.size());
}

std::optional<DiskName> name_in(std::string_view key) {
  ByteReader reader(bytes_of(key));
  DiskName name{.kind = static_cast<RecordKind>(reader.u8()), .key = reader.key()};
  if (!reader.finished() || std::ranges::find(all_record_kinds, name.kind) == all_record_kinds.end())
    return std::nullopt;
  return name;
}

ByteWriter written(const DiskFacts& facts) {
  ByteWriter writer;
  writer.u64(facts.place).u64(facts.bytes).f64(facts.cost_ms).f32(facts.importance);
  return writer;
}

std::optional<DiskFacts> facts_in(std::string_view bytes) {
  ByteReader reader(bytes_of(bytes));
  DiskFacts facts;
  facts.place = reader.u64();
  facts.bytes = reader.u64();
  facts.cost_ms = reader.f64();
  facts.importance = reader.f32();
  return reader.finished() ? std::optional(facts) : std::nullopt;
}

rocksdb::ReadOptions read_options(const WaitLimits& limits) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  if (limits.deadline) {
    const auto left =
        std::chrono::duration_cast<std::chrono::microseconds>(*limits.deadline - std::chrono::steady_clock::now());
    const auto now = std::chrono::microseconds(rocksdb::Env::Default()->NowMicros());
    options.deadline = now + std::max(left, std::chrono::microseconds(1));
  }
  return options;
}

Error error_of(const rocksdb::Status& status) {
  if (status.IsTimedOut()) return {Fault::timed_out, "the disk did not answer in time"};
  return {Fault::unavailable, status.ToString()};
}

}  // namespace

Result<std::unique_ptr<RocksdbTier>> RocksdbTier::open(const RocksdbOptions& options) {
  if (options.bytes_max < DiskShares::bytes_min) {
    return fail(Fault::invalid, std::format("{} is too little for a disk cache: give it {} or more",
                                            format_bytes(options.bytes_max), format_bytes(DiskShares::bytes_min)));
  }
  const DiskShares shares = DiskShares::of(options.bytes_max);
  const auto folder = options.folder / format_folder;
  auto database = options.read_only ? Database::open_to_look(folder, shares) : Database::open(folder, shares);
  const bool is_ours = database && !(*database)->read_only();
  auto tier = load(std::move(database), shares);
  if (!tier && tier.error().fault == Fault::corrupt && is_ours)
    tier = load(Database::open_emptied(folder, shares), shares);
  if (!tier && tier.error().fault == Fault::corrupt)
    return fail(Fault::corrupt,
                std::format("the disk cache in '{}' is damaged: {}", options.folder.string(), tier.error().message));
  return tier;
}

RocksdbTier::RocksdbTier(std::unique_ptr<Database> database, const DiskShares& shares)
    : database_(std::move(database)), shares_(shares), index_(shares.live_bytes_max) {}

// The database is closed when this fails.
Result<std::unique_ptr<RocksdbTier>> RocksdbTier::load(Result<std::unique_ptr<Database>> database,
                                                       const DiskShares& shares) {
  if (!database) return std::unexpected(std::move(database.error()));
  std::unique_ptr<RocksdbTier> tier(new RocksdbTier(std::move(*database), shares));
  if (auto loaded = tier->load_notes(); !loaded) return std::unexpected(std::move(loaded.error()));
  if (auto loaded = tier->load_index(); !loaded) return std::unexpected(std::move(loaded.error()));
  tier->is_loaded_ = true;
  return tier;
}

RocksdbTier::~RocksdbTier() {
  MutexLock lock(appending_);
  keep_learnt();
}

Result<void> RocksdbTier::load_notes() {
  auto marks = PurgeMarks::load(*database_);
  if (!marks) return std::unexpected(std::move(marks.error()));
  marks_ = std::move(*marks);
  auto followed = database_->note(followed_name);
  if (!followed) return std::unexpected(std::move(followed.error()));
  const auto appended = database_->note(appended_name);
  if (!appended) return std::unexpected(appended.error());
  {
    MutexLock lock(followed_mutex_);
    followed_ = std::move(*followed);
  }
  MutexLock lock(appending_);
  if (!appended->empty()) appended_ = ByteReader(bytes_of(*appended)).u64();
  return {};
}

// In the order of their last uses, as far as that is known; the others are younger, and come in the order
// in which they were appended.
Result<void> RocksdbTier::load_index() {
  MutexLock lock(appending_);
  std::vector<std::pair<DiskFacts, DiskName>> entries;
  rocksdb::WriteBatch gone;
  const std::unique_ptr<rocksdb::Iterator> each(database_->db().NewIterator({}, database_->index()));
  for (each->SeekToFirst(); each->Valid(); each->Next()) {
    const auto name = name_in(each->key().ToStringView());
    const auto facts = facts_in(each->value().ToStringView());
    const bool there = name && facts && facts->place < appended_ && appended_ - facts->place <= shares_.files_bytes_max;
    if (there)
      entries.emplace_back(*facts, *name);
    else
      gone.Delete(database_->index(), each->key());
  }
  if (!each->status().ok()) return std::unexpected(error_of_read(each->status()));
  const auto last_uses = recall_learnt();
  if (!last_uses) return std::unexpected(last_uses.error());
  std::ranges::sort(entries, {}, [&](const auto& entry) {
    const auto known = last_uses->find(entry.second.key.bits());
    return std::pair(known != last_uses->end() ? known->second : last_uses->size(), entry.first.place);
  });
  for (const auto& [facts, name] : entries) {
    const DiskIndex::Taken taken = index_.restore(name, facts);
    for (const DiskName& evicted : taken.evicted) gone.Delete(database_->index(), key_of(evicted));
    if (!taken.stored) gone.Delete(database_->index(), key_of(name));
  }
  if (!read_only() && gone.Count() > 0) database_->write(gone).PermitUncheckedError();
  return {};
}

// The places of values in the order of their last uses, by Key::bits.
Result<std::unordered_map<std::uint64_t, std::size_t>> RocksdbTier::recall_learnt() {
  std::unordered_map<std::uint64_t, std::size_t> places;
  const auto note = database_->note(learnt_name);
  if (!note) return std::unexpected(note.error());
  const auto learnt = reuse_memory_in(bytes_of(*note));
  if (!learnt || !index_.recall(*learnt)) return places;
  for (const ReuseMemory::Use& use : learnt->uses) places.try_emplace(use.id, places.size());
  return places;
}

// Without it, the policy begins as a stranger.
void RocksdbTier::keep_learnt() {
  if (read_only() || !is_loaded_) return;
  learnt_kept_at_ = std::chrono::steady_clock::now();
  const ByteWriter note = written(index_.learnt());
  rocksdb::WriteBatch batch;
  batch.Put(database_->notes(), learnt_name, slice_of(note.written()));
  database_->write(batch).PermitUncheckedError();
}

Result<std::vector<std::optional<TierHit>>> RocksdbTier::find_many(RecordKind kind, std::span<const Key> keys,
                                                                   const WaitLimits& limits) {
  std::vector<std::optional<TierHit>> hits(keys.size());
  const rocksdb::ReadOptions options = read_options(limits);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (limits.stop.stop_requested()) return fail(Fault::cancelled, "stopped while the disk was read");
    const DiskName name{kind, keys[i]};
    const auto facts = index_.find(name);
    if (!facts) continue;
    rocksdb::PinnableSlice value;
    const auto status = database_->db().Get(options, database_->values(), key_of(name), &value);
    if (status.ok())
      hits[i] = open_value(name, facts->place, value.ToStringView());
    else if (status.IsNotFound())
      erase_gone(name, facts->place);
    else if (status.IsCorruption())
      doubt(name, facts->place, RecordFault::wrong_checksum);
    else if (status.IsTimedOut() && std::ranges::any_of(hits, [](const auto& hit) { return hit.has_value(); }))
      break;  // what was found in time counts
    else
      return std::unexpected(error_of(status));
  }
  return hits;
}

Result<std::optional<Tier::Last>> RocksdbTier::find_last(RecordKind kind, std::span<const Key> keys,
                                                         const WaitLimits& limits) {
  for (std::size_t i = keys.size(); i-- > 0;) {
    if (!index_.facts({kind, keys[i]})) continue;
    auto hits = find_many(kind, keys.subspan(i, 1), limits);
    if (!hits) return std::unexpected(hits.error());
    if (std::optional<TierHit>& hit = hits->front()) return Last{i, std::move(*hit)};
  }
  return std::nullopt;
}

// The hit in `value`, unless it cannot be believed.
std::optional<TierHit> RocksdbTier::open_value(const DiskName& name, std::uint64_t place, std::string_view value) {
  const auto entry = bytes_of(value);
  const auto head_bytes = sealed_head_bytes(entry);
  if (!head_bytes || *head_bytes > entry.size()) {
    doubt(name, place, head_bytes ? RecordFault::wrong_length : head_bytes.error());
    return std::nullopt;
  }
  auto opened = open_entry(entry.first(*head_bytes), Blob::copy_of(entry.subspan(*head_bytes)), name.kind, name.key);
  if (!opened) {
    doubt(name, place, opened.error());
    return std::nullopt;
  }
  if (!marks_->is_current(opened->hit.entry, opened->generations)) {
    doubt(name, place, RecordFault::purged);
    return std::nullopt;
  }
  return std::move(opened->hit);
}

void RocksdbTier::drop(RecordKind kind, std::span<const Key> keys, const WaitLimits& limits) {
  for (const Key& key : keys) {
    if (limits.stop.stop_requested()) return;
    const DiskName name{kind, key};
    if (const auto facts = index_.facts(name)) erase_gone(name, facts->place);
  }
}

void RocksdbTier::doubt(const DiskName& name, std::uint64_t place, RecordFault fault) {
  ++doubtful_[static_cast<std::size_t>(fault)];
  erase_gone(name, place);
}

// Their values are dead. Where this does not reach the disk, they are alive again after the next start, and
// are evicted or found out again.
void RocksdbTier::erase_from_index(const std::vector<DiskName>& names) {
  if (names.empty()) return;
  rocksdb::WriteBatch batch;
  for (const DiskName& name : names) batch.Delete(database_->index(), key_of(name));
  rocksdb::WriteOptions at_once;
  at_once.no_slowdown = true;  // look-ups come here too
  database_->write(batch, at_once).PermitUncheckedError();
}

// What lay at `place` is not there, or is not believed. A value that was inserted meanwhile stays.
void RocksdbTier::erase_gone(const DiskName& name, std::uint64_t place) {
  if (index_.erase(name, place) && !read_only()) erase_from_index({name});
}

Result<void> RocksdbTier::insert(RecordKind kind, const TierEntry& entry) {
  if (read_only()) return refuse_to_write();
  if (entry.record.size() > shares_.value_bytes_max) {
    return fail(Fault::too_large,
                std::format("a value of {} is more than the disk cache takes: {}", format_bytes(entry.record.size()),
                            format_bytes(shares_.value_bytes_max)));
  }
  const auto record = view_record(entry.record);
  if (!record) return fail(Fault::invalid, "what is to be kept is no record");
  const std::vector<std::byte> head = seal_entry(kind, entry, marks_->of(entry));
  const std::span<const std::byte> parts[] = {head, entry.record.bytes()};
  const DiskName name{kind, entry.key};
  MutexLock lock(appending_);
  if (entry.is_withdrawn()) return {};
  const DiskFacts facts{.place = appended_,
                        .bytes = head.size() + entry.record.size() + added_bytes,
                        .cost_ms = record->header.cost_ms,
                        .importance = record->header.importance};
  const DiskIndex::Taken taken = index_.insert(name, facts);
  erase_from_index(taken.evicted);
  if (!taken.stored) return {};
  if (auto appended = append(name, facts, parts); !appended) {
    index_.erase(name);
    return appended;
  }
  index_.settle(name);
  if (std::chrono::steady_clock::now() - learnt_kept_at_ > learnt_kept_every) keep_learnt();
  return rescue_old(rescued_for_one * facts.bytes);
}

// Writes the value, what the index knows of it, and the bytes that were appended so far, all or nothing.
Result<void> RocksdbTier::append(const DiskName& name, DiskFacts facts,
                                 std::span<const std::span<const std::byte>> parts) {
  facts.place = appended_;
  const std::uint64_t appended = appended_ + facts.bytes;
  const std::string key = key_of(name);
  const rocksdb::Slice key_slice = key;
  std::vector<rocksdb::Slice> slices;
  for (const auto& part : parts) slices.push_back(slice_of(part));
  rocksdb::WriteBatch batch;
  batch.Put(database_->values(), rocksdb::SliceParts(&key_slice, 1),
            rocksdb::SliceParts(slices.data(), static_cast<int>(slices.size())));
  batch.Put(database_->index(), key, slice_of(written(facts).written()));
  batch.Put(database_->notes(), appended_name, slice_of(ByteWriter().u64(appended).written()));
  if (const auto status = database_->write(batch); !status.ok()) return std::unexpected(error_of(status));
  appended_ = appended;
  return {};
}

// Appends again what is alive and lies where files go next, and no more than `bytes_max` at a time: the rest
// is for the next time, and is lost if its file goes before.
Result<void> RocksdbTier::rescue_old(std::uint64_t bytes_max) {
  for (const std::uint64_t began = appended_; appended_ > shares_.rescue_bytes && appended_ - began < bytes_max;) {
    const auto name = index_.oldest_before(appended_ - shares_.rescue_bytes);
    if (!name) return {};
    const auto facts = index_.facts(*name);
    rocksdb::PinnableSlice value;
    const auto status = database_->db().Get(read_options({}), database_->values(), key_of(*name), &value);
    if (!facts || !status.ok()) {
      index_.erase(*name);
      erase_from_index({*name});
      continue;
    }
    const std::uint64_t place = appended_;
    const std::span<const std::byte> whole[] = {bytes_of(value.ToStringView())};
    if (auto appended = append(*name, *facts, whole); !appended) return appended;
    // It was erased meanwhile.
    if (!index_.move(*name, place)) {
      if (auto erased = erase_values(name->kind, std::span(&name->key, 1)); !erased) return erased;
    }
  }
  return {};
}

Result<void> RocksdbTier::refuse_to_write() const {
  return fail(Fault::unsupported, "another process has the disk cache open: it is read, and not written");
}

Result<void> RocksdbTier::erase(RecordKind kind, std::span<const Key> keys) {
  if (read_only()) return refuse_to_write();
  MutexLock lock(appending_);  // behind an insertion, or before it sees that its entry is withdrawn
  return erase_values(kind, keys);
}

Result<void> RocksdbTier::erase_values(RecordKind kind, std::span<const Key> keys) {
  rocksdb::WriteBatch batch;
  for (const Key& key : keys) {
    const DiskName name{kind, key};
    index_.erase(name);
    batch.Delete(database_->index(), key_of(name));
    batch.Delete(database_->values(), key_of(name));
  }
  if (const auto status = database_->write(batch); !status.ok()) return std::unexpected(error_of(status));
  return {};
}

// A page begins where a key of the index column may stand; what is no longer alive is left out.
Result<Tier::KeyPage> RocksdbTier::keys(RecordKind kind, std::string_view from, const WaitLimits& limits) {
  const std::string first(1, static_cast<char>(kind));
  if (!from.empty() && !from.starts_with(first)) return fail(Fault::invalid, "no page of this kind begins there");
  KeyPage page;
  const std::unique_ptr<rocksdb::Iterator> each(database_->db().NewIterator(read_options(limits), database_->index()));
  for (each->Seek(from.empty() ? std::string_view(first) : from); each->Valid(); each->Next()) {
    const std::string_view key = each->key().ToStringView();
    if (!key.starts_with(first)) break;
    if (page.keys.size() == keys_of_a_page) {
      page.next = key;
      break;
    }
    const auto name = name_in(key);
    if (name && index_.facts(*name)) page.keys.push_back(name->key);
  }
  if (!each->status().ok()) return std::unexpected(error_of(each->status()));
  return page;
}

Result<void> RocksdbTier::purge_labels(std::span<const PurgeLabel> labels) {
  if (read_only()) return refuse_to_write();
  return marks_->purge(labels);
}

std::string RocksdbTier::purges_followed() const {
  MutexLock lock(followed_mutex_);
  return followed_;
}

Result<void> RocksdbTier::note_purges_followed(std::string_view position) {
  if (read_only()) return refuse_to_write();
  rocksdb::WriteBatch batch;
  batch.Put(database_->notes(), followed_name, position);
  if (const auto status = database_->write(batch); !status.ok()) return std::unexpected(error_of(status));
  MutexLock lock(followed_mutex_);
  followed_ = position;
  return {};
}

std::array<std::uint64_t, record_faults> RocksdbTier::doubtful() const {
  std::array<std::uint64_t, record_faults> counts{};
  for (std::size_t i = 0; i < record_faults; ++i) counts[i] = doubtful_[i];
  return counts;
}

bool RocksdbTier::read_only() const { return database_->read_only(); }

bool RocksdbTier::was_emptied() const { return database_->was_emptied(); }

}  // namespace fovea
