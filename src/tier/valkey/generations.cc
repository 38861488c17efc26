// Two writers may draw for one label at the same time: SET NX lets one win, and both read back what won.
#include "tier/valkey/generations.h"

#include <sys/random.h>

#include <algorithm>
#include <charconv>
#include <format>
#include <string>
#include <utility>

#include "base/check.h"
#include "tier/valkey/key_scan.h"
#include "tier/valkey/replicated_set.h"

namespace fovea::valkey {

namespace {

constexpr int cluster_probes = 32;
constexpr int cluster_looks = 2;
constexpr std::string_view key_prefix = "fovea:1:g:";

std::string key_of(const Key& label) {
  return std::string(key_prefix) + std::string(reinterpret_cast<const char*>(label.bytes.data()), label.bytes.size());
}

}  // namespace

Key generation_label(const Key& tenant) { return KeyBuilder("fovea/tenant-generation/1").field(tenant).finish(); }

Key generation_label(const Key& tenant, const Key& image) {
  return KeyBuilder("fovea/image-generation/1").field(tenant).field(image).finish();
}

std::uint64_t random_number() {
  std::uint64_t number = 0;
  check(getrandom(&number, sizeof number, 0) == sizeof number, "the system has no random bytes");
  return number;
}

std::string digits_of(std::uint64_t number) { return std::format("{:016x}", number); }

std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  const bool sound = digits.size() == 16 && error == std::errc() && end == digits.data() + digits.size();
  return sound ? std::optional(number) : std::nullopt;
}

Command read_command(const Key& label) {
  const std::string key = key_of(label);
  return command_of(Expect::value, key, {"GET", key});
}

std::optional<std::uint64_t> generation_in(const Reply& reply) { return number_of(reply.text()); }

Result<std::vector<std::uint64_t>> GenerationTable::read_or_draw(std::span<const Key> labels, const Until& until) {
  std::vector<Command> reads;
  for (const Key& label : labels) reads.push_back(read_command(label));
  const auto read = client_.run(reads, until);
  if (const Error* error = first_error(read)) return std::unexpected(*error);
  std::vector<std::uint64_t> numbers(labels.size());
  std::vector<std::size_t> absent;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto number = generation_in(*read[i]);
    if (number) numbers[i] = *number;
    if (!number) absent.push_back(i);
  }
  if (absent.empty()) return numbers;

  std::vector<Command> draws;
  for (const std::size_t i : absent) {
    const std::string key = key_of(labels[i]), drawn = digits_of(random_number());
    // What is there and no number stands in the way of NX.
    if (read[i]->kind == Reply::Kind::nil)
      draws.push_back(command_of(Expect::status, key, {"SET", key, drawn, "NX"}));
    else
      draws.push_back(command_of(Expect::status, key, {"SET", key, drawn}));
    draws.push_back(read_command(labels[i]));
  }
  const auto drawn = client_.run(draws, until);
  if (const Error* error = first_error(drawn)) return std::unexpected(*error);
  for (std::size_t i = 0; i < absent.size(); ++i) {
    const auto number = generation_in(*drawn[2 * i + 1]);
    if (!number)
      return fail(Fault::unavailable, "the shared tier's server keeps nothing: see its maxmemory and its policy");
    numbers[absent[i]] = *number;
  }
  return numbers;
}

Result<void> GenerationTable::renew(const Key& label, const Until& until) {
  return set_with_replicas(client_, key_of(label), digits_of(random_number()), until);
}

// Whether there is a cluster behind the one server that was named is known after some keys were asked for, of
// which one lies elsewhere. A slot that moves may take its numbers to a server that was looked through
// before. The servers tell where it is theirs at the end; where it is on its way, a second look finds them.
Result<void> GenerationTable::purge_all(const Until& until) {
  std::vector<Command> anywhere;
  for (int i = 0; i < cluster_probes; ++i)
    anywhere.push_back(read_command(KeyBuilder("fovea/probe/1").field(random_number()).finish()));
  client_.run(anywhere, until);
  const auto before = client_.slot_maps(until);
  if (!before) return std::unexpected(before.error());
  for (int looks = before->empty() ? 1 : cluster_looks; looks > 0; --looks) {
    if (auto removed = remove_all(until); !removed) return removed;
  }
  const auto after = client_.slot_maps(until);
  if (!after) return std::unexpected(after.error());
  if (*after != *before)
    return fail(Fault::unavailable, "the cluster changed while everything was purged: it has to be tried again");
  return {};
}

// The labels of one page lie on one server. So the replicas that have the number of the last one, which is
// written last, have the removal of the others.
Result<void> GenerationTable::remove_all(const Until& until) {
  std::string from;
  do {
    const auto page = scan_keys(client_, key_prefix, from, until);
    if (!page) return std::unexpected(page.error());
    std::vector<Command> removals;
    for (const Key& label : page->keys) {
      const std::string key = key_of(label);
      removals.push_back(command_of(Expect::integer, key, {"UNLINK", key}));
    }
    const auto removed = client_.run(removals, until);
    if (const Error* error = first_error(removed)) return std::unexpected(*error);
    if (!page->keys.empty()) {
      if (auto renewed = renew(page->keys.back(), until); !renewed) return renewed;
    }
    from = page->next;
  } while (!from.empty());
  return {};
}

}  // namespace fovea::valkey
