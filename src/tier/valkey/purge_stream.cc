// A position is the id of an entry that was there, so a page begins with it. Where the first entry is
// another, the stream was cut off, evicted, emptied, or restored from an older copy. A server that keeps
// nothing is emptied by each restart, and that must not empty the disks of all who use it. So everybody who
// finds its position gone appends once more what it purged lately, and reads the new stream from its
// beginning. What is missed then was purged by a process that ended in that same time. A stream without
// entries gets one that purges nothing, so that there is an id to begin with.
//
// Lately is an hour: what all nodes append again must not fill the stream, or it could not be told from one
// that was cut off. The hour is counted back from the last time that the log was found as it was left, so
// that a label does not age while the server is away. Who was at the log's end within the last hour misses
// none of that; who was not has lost it.
//
// A purge survives the failover to a replica. The replicas acknowledge all that was written before a value
// that is set under a second key of the same slot, so of the same server.
#include "tier/valkey/purge_stream.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/digest.h"
#include "store/byte_io.h"
#include "tier/valkey/generations.h"
#include "tier/valkey/replicated_set.h"

namespace fovea::valkey {

namespace {

constexpr std::string_view stream_name = "fovea:1:{purges}";
constexpr std::string_view last_name = "fovea:1:{purges}:last";
constexpr std::string_view field_name = "p";

constexpr std::string_view magic = "FOVEAPRG";
constexpr std::uint8_t version = 1;
constexpr std::size_t sealed_bytes = 8 + 1 + 1 + 6 + 8 + 32 + 32;
constexpr std::size_t position_bytes_max = 41;  // two numbers of 64 bits, and the sign between them

enum class What : std::uint8_t { nothing, tenant, image, everything, file };

What what_of(const std::optional<PurgeLabel>& label) {
  if (!label) return What::nothing;
  if (label->everything) return What::everything;
  if (label->is_file) return What::file;
  return label->image ? What::image : What::tenant;
}

Digest seal_of(std::span<const std::byte> sealed, const SealKey* key) {
  return key != nullptr ? keyed_digest(*key, {sealed}) : digest({sealed});
}

bool is_sealed(std::span<const std::byte> sealed, std::span<const std::byte, sizeof(Digest)> seal,
               std::span<const SealKey> keys) {
  if (keys.empty()) return is_equal(seal_of(sealed, nullptr), seal);
  return std::ranges::any_of(keys, [&](const SealKey& key) { return is_equal(seal_of(sealed, &key), seal); });
}

bool is_position(std::string_view text) {
  const auto minus = text.find('-');
  if (minus == 0 || minus == std::string_view::npos || minus + 1 == text.size() || text.size() > position_bytes_max)
    return false;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return std::ranges::all_of(text.substr(0, minus), is_digit) && std::ranges::all_of(text.substr(minus + 1), is_digit);
}

Error no_log() { return {Fault::unavailable, "the server's log of purges is none"}; }

struct StreamEntry {
  std::string_view id;
  std::span<const std::byte> value;  // of the first field
};

// An element of XRANGE's reply: the id, then fields and values in turn.
std::optional<StreamEntry> entry_in(const Reply& reply) {
  if (reply.items.size() != 2 || !is_position(reply.items[0].text())) return std::nullopt;
  const std::vector<Reply>& fields = reply.items[1].items;
  return StreamEntry{reply.items[0].text(), fields.size() < 2 ? std::span<const std::byte>() : fields[1].bytes.bytes()};
}

}  // namespace

std::vector<std::byte> seal_purge(const std::optional<PurgeLabel>& label, std::uint64_t origin, const SealKey* key) {
  ByteWriter fields;
  fields.bytes(std::as_bytes(std::span(magic))).u8(version).u8(static_cast<std::uint8_t>(what_of(label)));
  fields.bytes(std::array<std::byte, 6>{}).u64(origin);
  fields.key(label ? label->tenant : Key{}).key(label && label->image ? *label->image : Key{});
  const Digest seal = seal_of(fields.written(), key);
  fields.bytes(seal);
  return {fields.written().begin(), fields.written().end()};
}

std::optional<OpenedPurge> open_purge(std::span<const std::byte> bytes, std::span<const SealKey> keys) {
  if (bytes.size() != sealed_bytes + sizeof(Digest)) return std::nullopt;
  if (!is_sealed(bytes.first(sealed_bytes), bytes.last<sizeof(Digest)>(), keys)) return std::nullopt;
  ByteReader fields(bytes.first(sealed_bytes));
  if (!std::ranges::equal(fields.bytes(magic.size()), std::as_bytes(std::span(magic))) || fields.u8() != version)
    return std::nullopt;
  const auto what = static_cast<What>(fields.u8());
  fields.bytes(6);
  OpenedPurge opened{.label = std::nullopt, .origin = fields.u64()};
  const Key tenant = fields.key(), image = fields.key();
  switch (what) {
    case What::nothing:
      return opened;
    case What::tenant:
      opened.label = PurgeLabel{.tenant = tenant, .image = {}};
      return opened;
    case What::image:
      opened.label = PurgeLabel{.tenant = tenant, .image = image};
      return opened;
    case What::everything:
      opened.label = PurgeLabel::of_everything();
      return opened;
    case What::file:
      opened.label = PurgeLabel{.tenant = tenant, .image = image, .is_file = true};
      return opened;
  }
  // A later version's purge: what it means is not known, so it means all.
  opened.label = PurgeLabel::of_everything();
  return opened;
}

PurgeStream::PurgeStream(Client& client, std::vector<SealKey> fleet_keys, const Clock& clock)
    : client_(client), fleet_keys_(std::move(fleet_keys)), clock_(clock), origin_(random_number()) {}

Command PurgeStream::add_command(const std::optional<PurgeLabel>& label) const {
  const auto sealed = seal_purge(label, origin_, fleet_keys_.empty() ? nullptr : &fleet_keys_.front());
  const std::string_view value(reinterpret_cast<const char*>(sealed.data()), sealed.size());
  return command_of(Expect::value, stream_name,
                    {"XADD", stream_name, "MAXLEN", "~", std::to_string(entries_kept), "*", field_name, value});
}

Result<void> PurgeStream::append(std::span<const PurgeLabel> labels, const Until& until) {
  if (labels.empty()) return {};
  const auto added = client_.run(add_commands(labels), until);
  if (const Error* error = first_error(added)) return std::unexpected(*error);
  if (auto set = set_with_replicas(client_, last_name, added.back()->text(), until); !set) return set;
  MutexLock lock(mutex_);
  for (const PurgeLabel& label : labels) {
    std::erase_if(appended_, [&](const Appended& other) { return other.label == label; });
    appended_.push_back({label, clock_.now_ms()});
    if (appended_.size() > entries_kept) appended_.pop_front();  // so many again are a stream that was cut off
  }
  return {};
}

std::vector<Command> PurgeStream::add_commands(std::span<const PurgeLabel> labels) const {
  std::vector<Command> adds;
  adds.reserve(labels.size());
  for (const PurgeLabel& label : labels) adds.push_back(add_command(label));
  return adds;
}

void PurgeStream::drop_old(double now_ms) {
  const double oldest_ms = now_ms - std::chrono::duration<double, std::milli>(again_for).count();
  while (!appended_.empty() && appended_.front().at_ms < oldest_ms) appended_.pop_front();
}

Result<PurgeLog::News> PurgeStream::after(std::string_view position, const WaitLimits& limits) {
  const Until until = Until::of(limits, wait_max);
  const double asked_at_ms = clock_.now_ms();
  auto news = position.empty() ? news_at_end(until) : news_behind(position, until);
  if (!news) return news;
  MutexLock lock(mutex_);
  named_ = news->more ? "" : news->position;
  named_at_ms_ = asked_at_ms;
  return news;
}

Result<PurgeLog::News> PurgeStream::news_behind(std::string_view position, const Until& until) {
  const double asked_at_ms = clock_.now_ms();
  const auto entries = read(position, until);
  if (!entries) return std::unexpected(entries.error());
  const auto first = entries->empty() ? std::nullopt : entry_in(entries->front());
  if (!first || first->id != position) return news_where_gone(position, until);
  News news{.labels = {}, .position = std::string(position), .more = entries->size() > page_entries};
  if (auto read = read_into(news, std::span(*entries).subspan(1)); !read) return std::unexpected(read.error());
  MutexLock lock(mutex_);
  drop_old(asked_at_ms);
  return news;
}

// A stream that is short was emptied and not cut off, and what it had is appended again by whoever
// appended it. A process that has begun since the position was named cannot trust that: the others may
// have begun since, too.
Result<PurgeLog::News> PurgeStream::news_where_gone(std::string_view position, const Until& until) {
  std::vector<PurgeLabel> ours;
  bool is_followed = false;
  {
    MutexLock lock(mutex_);
    for (const Appended& one : appended_) ours.push_back(one.label);
    const std::chrono::duration<double, std::milli> away(clock_.now_ms() - named_at_ms_);
    is_followed = named_ == position && away < again_for;
  }
  // Replicas need not have them: where one takes over without them, this position is gone, too.
  std::vector<Command> commands = add_commands(ours);
  commands.push_back(add_command(std::nullopt));
  commands.push_back(command_of(Expect::integer, stream_name, {"XLEN", stream_name}));
  const auto replies = client_.run(commands, until);
  if (const Error* error = first_error(replies)) return std::unexpected(*error);
  if (!is_followed || replies.back()->integer >= static_cast<long long>(entries_kept)) {
    auto news = news_at_end(until);
    if (news) news->lost = true;
    return news;
  }
  const auto begin = read("-", until);
  if (!begin) return std::unexpected(begin.error());
  News news{.labels = {}, .position = {}, .more = begin->size() > page_entries};
  if (auto read = read_into(news, *begin); !read) return std::unexpected(read.error());
  return news.position.empty() ? std::unexpected(no_log()) : Result<News>(std::move(news));
}

Result<std::vector<Reply>> PurgeStream::read(std::string_view from, const Until& until) {
  const Command range = command_of(Expect::array, stream_name,
                                   {"XRANGE", stream_name, from, "+", "COUNT", std::to_string(page_entries + 1)});
  auto replies = client_.run(std::span(&range, 1), until);
  if (!replies[0]) return std::unexpected(replies[0].error());
  return std::move(replies[0]->items);
}

Result<void> PurgeStream::read_into(News& news, std::span<const Reply> entries) const {
  for (const Reply& item : entries) {
    const auto entry = entry_in(item);
    if (!entry) return std::unexpected(no_log());
    news.position = entry->id;
    const auto purge = open_purge(entry->value, fleet_keys_);
    if (purge && purge->label && purge->origin != origin_) news.labels.push_back(*purge->label);
  }
  return {};
}

Result<PurgeLog::News> PurgeStream::news_at_end(const Until& until) {
  auto ends_at = end(until);
  if (!ends_at) return std::unexpected(std::move(ends_at.error()));
  return News{.labels = {}, .position = std::move(*ends_at)};
}

// The id of the last entry.
Result<std::string> PurgeStream::end(const Until& until) {
  const Command last = command_of(Expect::array, stream_name, {"XREVRANGE", stream_name, "+", "-", "COUNT", "1"});
  const auto replies = client_.run(std::span(&last, 1), until);
  if (!replies[0]) return std::unexpected(replies[0].error());
  if (!replies[0]->items.empty()) {
    const auto entry = entry_in(replies[0]->items.front());
    return entry ? Result<std::string>(entry->id) : std::unexpected(no_log());
  }
  const Command mark = add_command(std::nullopt);
  const auto marked = client_.run(std::span(&mark, 1), until);
  if (!marked[0]) return std::unexpected(marked[0].error());
  if (!is_position(marked[0]->text())) return std::unexpected(no_log());
  return std::string(marked[0]->text());
}

}  // namespace fovea::valkey
