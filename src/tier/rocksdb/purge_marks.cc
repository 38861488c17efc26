// A generation is the era in its upper half and the count of the label in its lower half. A mark is a key of
// the notes: "purged/" and the label's name; the era is a key of its own.
#include "tier/rocksdb/purge_marks.h"

#include <rocksdb/write_batch.h>

#include <cstring>
#include <format>
#include <string>
#include <string_view>
#include <utility>

namespace fovea {

namespace {

constexpr std::string_view mark_prefix = "purged/";
constexpr std::string_view behind_marks = "purged0";  // the first name behind all that begin so
constexpr std::string_view era_name = "era";

template <typename T>
std::string_view bytes_of(const T& number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

template <typename T>
T number_in(const rocksdb::Slice& bytes) {
  T number{};
  if (bytes.size() == sizeof number) std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

std::string mark_of(const Key& name) {
  return std::string(mark_prefix).append(reinterpret_cast<const char*>(name.bytes.data()), name.bytes.size());
}

}  // namespace

Result<std::unique_ptr<PurgeMarks>> PurgeMarks::load(Database& database) {
  std::unique_ptr<PurgeMarks> marks(new PurgeMarks(database));
  MutexLock lock(marks->mutex_);
  const std::unique_ptr<rocksdb::Iterator> notes(database.db().NewIterator({}, database.notes()));
  for (notes->Seek(mark_prefix); notes->Valid() && notes->key().starts_with(mark_prefix); notes->Next()) {
    const std::string_view name = notes->key().ToStringView().substr(mark_prefix.size());
    Key key;
    if (name.size() != key.bytes.size()) continue;
    std::memcpy(key.bytes.data(), name.data(), name.size());
    marks->counts_[key] = number_in<std::uint32_t>(notes->value());
  }
  if (!notes->status().ok()) return std::unexpected(error_of_read(notes->status()));
  const auto era = database.note(era_name);
  if (!era) return std::unexpected(era.error());
  marks->era_ = number_in<std::uint64_t>(*era);
  return marks;
}

Key PurgeMarks::name_of(const Key& tenant, const Key* image) {
  KeyBuilder name("fovea/purge-mark/1");
  name.field(tenant).field(image != nullptr);
  return image != nullptr ? name.field(*image).finish() : name.finish();
}

std::uint64_t PurgeMarks::count(const Key& name) const {
  const auto found = counts_.find(name);
  return era_ << 32 | (found == counts_.end() ? 0 : found->second);
}

Generations PurgeMarks::of(const TierEntry& entry) const {
  MutexLock lock(mutex_);
  Generations generations;
  if (counts_.empty()) {  // nearly always
    generations.tenant = era_ << 32;
    generations.images.assign(entry.images.size(), era_ << 32);
    return generations;
  }
  generations.tenant = count(name_of(entry.tenant, nullptr));
  for (const Key& image : entry.images) generations.images.push_back(count(name_of(entry.tenant, &image)));
  return generations;
}

bool PurgeMarks::is_current(const TierEntry& entry, const Generations& generations) const {
  return of(entry) == generations;
}

// Those that change; nullopt where everything is purged, as it was asked for or there are too many.
std::optional<PurgeMarks::Counts> PurgeMarks::counts_after(std::span<const PurgeLabel> labels) const {
  Counts changed;
  std::size_t added = 0;
  for (const PurgeLabel& label : labels) {
    if (label.everything) return std::nullopt;
    const Key name = name_of(label.tenant, label.image ? &*label.image : nullptr);
    const auto found = counts_.find(name);
    const auto [place, is_new] = changed.try_emplace(name, found == counts_.end() ? 1 : found->second + 1);
    added += is_new && found == counts_.end() ? 1 : 0;
  }
  return counts_.size() + added > marks_max ? std::nullopt : std::optional(std::move(changed));
}

Result<void> PurgeMarks::purge(std::span<const PurgeLabel> labels) {
  if (labels.empty()) return {};
  MutexLock one_at_a_time(purging_);
  std::uint64_t era;
  std::optional<Counts> changed;
  {
    MutexLock lock(mutex_);
    changed = counts_after(labels);
    era = era_ + (changed ? 0 : 1);
  }
  if (auto written = write(changed, era); !written) return written;
  MutexLock lock(mutex_);
  era_ = era;
  if (!changed) {
    counts_.clear();
    return {};
  }
  for (const auto& [name, count] : *changed) counts_[name] = count;
  return {};
}

// The marks that changed, or a new era in place of all of them.
Result<void> PurgeMarks::write(const std::optional<Counts>& changed, std::uint64_t era) {
  rocksdb::WriteBatch batch;
  if (changed) {
    for (const auto& [name, count] : *changed) batch.Put(database_.notes(), mark_of(name), bytes_of(count));
  } else {
    batch.DeleteRange(database_.notes(), mark_prefix, behind_marks);
    batch.Put(database_.notes(), era_name, bytes_of(era));
  }
  rocksdb::WriteOptions synced;
  synced.sync = true;
  if (const auto status = database_.write(batch, synced); !status.ok())
    return fail(Fault::unavailable, std::format("a purge did not reach the disk: {}", status.ToString()));
  // Into a file too: where the log is lost, the purge must not be lost while the values are not.
  if (const auto status = database_.db().Flush({}, database_.notes()); !status.ok())
    return fail(Fault::unavailable, std::format("a purge did not reach a file: {}", status.ToString()));
  return {};
}

}  // namespace fovea
