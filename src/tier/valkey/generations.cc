// Two writers may draw for one label at the same time: SET NX lets one win, and both read back what won.
//
// A purge must survive the failover to a replica. WAIT counts the replicas that have all which was written
// over its own connection, so the number is written twice: once with the question how many replicas there
// are, and, where there are some, again in one batch with WAIT.
#include "tier/valkey/generations.h"

#include <sys/random.h>

#include <algorithm>
#include <charconv>
#include <format>
#include <string>
#include <utility>

#include "base/check.h"

namespace fovea::valkey {

namespace {

constexpr std::chrono::milliseconds replicas_wait{500};  // a replica that follows lags by far less

std::string key_of(const Key& label) {
  return "fovea:1:g:" + std::string(reinterpret_cast<const char*>(label.bytes.data()), label.bytes.size());
}

// How many replicas follow, by the reply of ROLE: master, offset, [replica...].
std::size_t replicas_in(const Reply& role) {
  const bool primary = role.items.size() >= 3 && role.items[0].text() == "master";
  return primary ? role.items[2].items.size() : 0;
}

template <typename T>
const Error* first_error(const std::vector<Result<T>>& results) {
  const auto failed = std::ranges::find_if(results, [](const auto& one) { return !one.has_value(); });
  return failed == results.end() ? nullptr : &failed->error();
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
  const std::string key = key_of(label), drawn = digits_of(random_number());
  const Command set = command_of(Expect::status, key, {"SET", key, drawn});
  const std::vector<Command> first = {set, command_of(Expect::array, key, {"ROLE"})};
  const auto written = client_.run(first, until);
  if (!written[0]) return std::unexpected(written[0].error());
  const std::size_t replicas = written[1] ? replicas_in(*written[1]) : 0;  // a user may not be allowed to ask
  if (replicas == 0) return {};
  const std::vector<Command> again = {
      set, command_of(Expect::integer, key, {"WAIT", std::to_string(replicas), std::to_string(replicas_wait.count())})};
  const auto waited = client_.run(again, until);
  if (const Error* error = first_error(waited)) return std::unexpected(*error);
  if (waited[1]->integer >= static_cast<long long>(replicas)) return {};
  return fail(Fault::unavailable, std::format("{} of {} replicas have got a purge: it has to be tried again",
                                              waited[1]->integer, replicas));
}

}  // namespace fovea::valkey
