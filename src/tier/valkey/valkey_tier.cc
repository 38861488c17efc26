// A look-up is two round trips: the values, whose heads name their labels, then the generations of all
// labels. So a look-up that begins when a purge is over sees what it drew. What is doubtful is removed
// behind that, with what is left of the time; another writer may have put a sound entry there meanwhile,
// which then is cache lost and no harm.
#include "tier/valkey/valkey_tier.h"

#include <algorithm>
#include <format>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/units.h"
#include "tier/valkey/client.h"
#include "tier/valkey/generations.h"
#include "tier/valkey/key_scan.h"
#include "tier/valkey/lease.h"
#include "tier/valkey/purge_stream.h"
#include "tier/valkey/replicated_set.h"

namespace fovea {

using valkey::Command;
using valkey::command_of;
using valkey::Expect;
using valkey::Reply;
using valkey::Until;

namespace {

constexpr std::chrono::seconds purge_all_wait_max{60};  // to purge everything: all keys of all servers are listed
constexpr std::size_t last_tries_max = 4;               // of find_last, where entries vanish between its round trips
constexpr std::size_t head_bytes_max = 64 << 10;        // above that of an entry with entry_images_max images
constexpr std::uint64_t entry_bytes_limit = 511 << 20;

std::string prefix_of(RecordKind kind) { return std::format("fovea:1:{}:", static_cast<int>(kind)); }

std::string name_of(RecordKind kind, const Key& key) {
  return prefix_of(kind).append(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
}

Command key_command(Expect expects, std::string_view word, RecordKind kind, const Key& key) {
  const std::string name = name_of(kind, key);
  return command_of(expects, name, {word, name});
}

std::vector<Command> key_commands(Expect expects, std::string_view word, RecordKind kind, std::span<const Key> keys) {
  std::vector<Command> commands;
  for (const Key& key : keys) commands.push_back(key_command(expects, word, kind, key));
  return commands;
}

std::vector<Key> labels_of(const TierEntry& entry) {
  std::vector<Key> labels = {valkey::generation_label(entry.tenant)};
  for (const Key& image : entry.images) labels.push_back(valkey::generation_label(entry.tenant, image));
  return labels;
}

std::vector<std::uint64_t> numbers_of(const Generations& generations) {
  std::vector<std::uint64_t> numbers = {generations.tenant};
  numbers.insert(numbers.end(), generations.images.begin(), generations.images.end());
  return numbers;
}

// Null unless each failed.
const Error* common_error(const std::vector<Result<Reply>>& replies) {
  if (replies.empty() || std::ranges::any_of(replies, [](const auto& one) { return one.has_value(); })) return nullptr;
  return &replies.front().error();
}

}  // namespace

struct ValkeyTier::Candidate {
  std::size_t index;  // into the keys
  OpenedEntry entry;
};

Result<std::unique_ptr<ValkeyTier>> ValkeyTier::open(const ValkeyOptions& options) {
  auto address = valkey::Address::parse(options.address);
  if (!address) return std::unexpected(std::move(address.error()));
  if (options.fleet_keys.size() > ValkeyOptions::fleet_keys_max)
    return fail(Fault::invalid, std::format("{} fleet keys: {} at most, the present one first",
                                            options.fleet_keys.size(), ValkeyOptions::fleet_keys_max));
  if (options.entry_bytes_max > entry_bytes_limit)
    return fail(Fault::invalid,
                std::format("entries of {}: a Valkey server takes values of 512 MiB at most; set {} or less",
                            format_bytes(options.entry_bytes_max), format_bytes(entry_bytes_limit)));
  auto password = valkey::read_password(options.password_file);
  if (!password) return std::unexpected(std::move(password.error()));
  valkey::Dial dial;
  dial.user = address->user;
  dial.password = std::move(*password);
  dial.value_bytes_max = static_cast<std::size_t>(options.entry_bytes_max) + head_bytes_max;
  if (address->tls) {
    auto tls = valkey::TlsContext::open(options.tls);
    if (!tls) return std::unexpected(std::move(tls.error()));
    dial.tls = std::move(*tls);
  }
  auto client = std::make_shared<valkey::Client>(std::move(address->seeds), std::move(dial));
  return std::unique_ptr<ValkeyTier>(new ValkeyTier(options, std::move(client)));
}

ValkeyTier::ValkeyTier(const ValkeyOptions& options, std::shared_ptr<valkey::Client> client)
    : options_(options),
      client_(std::move(client)),
      generations_(std::make_unique<valkey::GenerationTable>(*client_)),
      leases_(std::make_unique<valkey::LeaseHolder>(*client_)),
      purges_(std::make_unique<valkey::PurgeStream>(*client_, options.fleet_keys)) {}

ValkeyTier::~ValkeyTier() = default;

std::expected<OpenedEntry, RecordFault> ValkeyTier::opened(RecordKind kind, const Key& key, const Blob& value) const {
  const auto head_bytes = sealed_head_bytes(value.bytes());
  if (!head_bytes) return std::unexpected(head_bytes.error());
  if (*head_bytes > value.size()) return std::unexpected(RecordFault::too_short);
  const Blob record = Blob::sharing(std::make_shared<Blob>(value), value.bytes().subspan(*head_bytes));
  return open_entry(value.bytes().first(*head_bytes), record, kind, key, options_.fleet_keys);
}

Result<std::optional<RecordFault>> ValkeyTier::fault_of(RecordKind kind, const Key& key,
                                                        const WaitLimits& limits) const {
  const Command get = key_command(Expect::value, "GET", kind, key);
  const auto reply = std::move(client_->run(std::span(&get, 1), Until::of(limits, options_.wait_max)).front());
  if (!reply) return std::unexpected(reply.error());
  if (reply->kind == Reply::Kind::nil) return std::nullopt;
  const auto entry = opened(kind, key, reply->bytes);
  return entry ? std::nullopt : std::optional(entry.error());
}

Result<std::vector<std::optional<TierHit>>> ValkeyTier::find_many(RecordKind kind, std::span<const Key> keys,
                                                                  const WaitLimits& limits) {
  const Until until = Until::of(limits, options_.wait_max);
  std::vector<Key> doubted;
  auto candidates = read(kind, keys, until, doubted);
  if (!candidates) return std::unexpected(std::move(candidates.error()));
  if (auto known = keep_current(*candidates, doubted, until); !known) return std::unexpected(std::move(known.error()));
  drop(kind, doubted, {until.stop, until.deadline});
  std::vector<std::optional<TierHit>> hits(keys.size());
  for (Candidate& candidate : *candidates) hits[candidate.index] = std::move(candidate.entry.hit);
  return hits;
}

// Those of the keys' entries that are sound. The keys of the others are added to `doubted`.
Result<std::vector<ValkeyTier::Candidate>> ValkeyTier::read(RecordKind kind, std::span<const Key> keys,
                                                            const Until& until, std::vector<Key>& doubted) {
  auto replies = client_->run(key_commands(Expect::value, "GET", kind, keys), until);
  if (const Error* error = common_error(replies)) return std::unexpected(*error);
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!replies[i] || replies[i]->kind == Reply::Kind::nil) continue;
    auto entry = opened(kind, keys[i], replies[i]->bytes);
    if (entry) {
      candidates.push_back({i, std::move(*entry)});
    } else {
      ++doubtful_[static_cast<std::size_t>(entry.error())];
      doubted.push_back(keys[i]);
    }
  }
  return candidates;
}

// Leaves those candidates whose labels have the numbers that they were stored with. A number that cannot be
// read makes a miss, but nothing doubtful.
Result<void> ValkeyTier::keep_current(std::vector<Candidate>& candidates, std::vector<Key>& doubted,
                                      const Until& until) {
  std::unordered_map<Key, std::size_t, KeyHash> asked;
  std::vector<Command> reads;
  for (const Candidate& candidate : candidates) {
    for (const Key& label : labels_of(candidate.entry.hit.entry)) {
      if (asked.try_emplace(label, reads.size()).second) reads.push_back(valkey::read_command(label));
    }
  }
  const auto replies = client_->run(reads, until);
  if (const Error* error = common_error(replies)) return std::unexpected(*error);
  std::erase_if(candidates, [&](const Candidate& candidate) {
    const auto labels = labels_of(candidate.entry.hit.entry);
    const auto numbers = numbers_of(candidate.entry.generations);
    bool unknown = false, purged = false;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const Result<Reply>& reply = replies[asked.at(labels[i])];
      unknown |= !reply;
      purged |= reply && valkey::generation_in(*reply) != numbers[i];
    }
    if (purged) {
      ++doubtful_[static_cast<std::size_t>(RecordFault::purged)];
      doubted.push_back(candidate.entry.hit.entry.key);
    }
    return unknown || purged;
  });
  return {};
}

void ValkeyTier::drop(RecordKind kind, std::span<const Key> keys, const WaitLimits& limits) {
  client_->run(key_commands(Expect::integer, "UNLINK", kind, keys), Until::of(limits, options_.wait_max));
}

Result<std::optional<Tier::Last>> ValkeyTier::find_last(RecordKind kind, std::span<const Key> keys,
                                                        const WaitLimits& limits) {
  const Until until = Until::of(limits, options_.wait_max);
  const auto exist = client_->run(key_commands(Expect::integer, "EXISTS", kind, keys), until);
  if (const Error* error = common_error(exist)) return std::unexpected(*error);
  std::size_t tries = 0;
  for (std::size_t i = keys.size(); i-- > 0 && tries < last_tries_max;) {
    if (!exist[i] || exist[i]->integer == 0) continue;
    ++tries;
    auto found = find_many(kind, keys.subspan(i, 1), {until.stop, until.deadline});
    if (!found) return std::unexpected(std::move(found.error()));
    if (found->front()) return Last{i, std::move(*found->front())};
  }
  return std::nullopt;
}

Result<void> ValkeyTier::insert(RecordKind kind, const TierEntry& entry) {
  if (entry.images.size() > entry_images_max || entry.record.size() > options_.entry_bytes_max)
    return fail(Fault::too_large,
                std::format("an entry of {} bytes and {} images: the shared tier takes {} and {}", entry.record.size(),
                            entry.images.size(), options_.entry_bytes_max, entry_images_max));
  const Until until = Until::of({}, options_.wait_max);
  const auto numbers = generations_->read_or_draw(labels_of(entry), until);
  if (!numbers) return std::unexpected(numbers.error());
  if (entry.is_withdrawn()) return {};
  const Generations generations{numbers->front(), {numbers->begin() + 1, numbers->end()}};
  const SealKey* key = options_.fleet_keys.empty() ? nullptr : &options_.fleet_keys.front();
  const std::vector<std::byte> head = seal_entry(kind, entry, generations, key);
  const std::vector<Command> set = {
      valkey::set_command(name_of(kind, entry.key), head, entry.record.bytes(), options_.time_to_live)};
  const auto replies = client_->run(set, until);
  if (!replies[0]) return std::unexpected(replies[0].error());
  return {};
}

Result<void> ValkeyTier::erase(RecordKind kind, std::span<const Key> keys) {
  return valkey::write_with_replicas(*client_, key_commands(Expect::integer, "UNLINK", kind, keys),
                                     Until::of({}, options_.wait_max));
}

// The log comes last: who reads a purge there must not find in this tier what it covers.
Result<void> ValkeyTier::purge_labels(std::span<const PurgeLabel> labels) {
  const Until until = Until::of({}, options_.wait_max);
  for (const PurgeLabel& label : labels) {
    const auto renewed = label.everything ? generations_->purge_all(Until::of({}, purge_all_wait_max))
                         : label.image
                             ? generations_->renew(valkey::generation_label(label.tenant, *label.image), until)
                             : generations_->renew(valkey::generation_label(label.tenant), until);
    if (!renewed) return renewed;
  }
  return purges_->append(labels, Until::of({}, options_.wait_max));
}

PurgeLog* ValkeyTier::purge_log() { return purges_.get(); }

Result<Tier::KeyPage> ValkeyTier::keys(RecordKind kind, std::string_view from, const WaitLimits& limits) {
  return valkey::scan_keys(*client_, prefix_of(kind), from, Until::of(limits, options_.wait_max));
}

Result<bool> ValkeyTier::acquire_lease(const Key& key, std::chrono::milliseconds time) {
  return leases_->acquire_lease(key, time);
}

// Where this fails, it ends by itself.
void ValkeyTier::release_lease(const Key& key) { std::ignore = leases_->release_lease(key); }

std::array<std::uint64_t, record_faults> ValkeyTier::doubtful() const {
  std::array<std::uint64_t, record_faults> counts{};
  std::ranges::copy(doubtful_, counts.begin());
  return counts;
}

}  // namespace fovea
