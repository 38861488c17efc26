// WAIT counts the replicas that have all which was written over its own connection, so the value is written
// twice: once with the question how many replicas there are, and, where there are some, again in one batch
// with WAIT.
#include "tier/valkey/replicated_set.h"

#include <algorithm>
#include <chrono>
#include <format>
#include <string>
#include <vector>

namespace fovea::valkey {

namespace {

constexpr std::chrono::milliseconds replicas_wait{500};  // a replica that follows lags by far less

// How many replicas follow, by the reply of ROLE: master, offset, [replica...].
std::size_t replicas_in(const Reply& role) {
  const bool primary = role.items.size() >= 3 && role.items[0].text() == "master";
  return primary ? role.items[2].items.size() : 0;
}

}  // namespace

const Error* first_error(std::span<const Result<Reply>> results) {
  const auto failed = std::ranges::find_if(results, [](const auto& one) { return !one.has_value(); });
  return failed == results.end() ? nullptr : &failed->error();
}

Result<void> set_with_replicas(Client& client, std::string_view key, std::string_view value, const Until& until) {
  const Command set = command_of(Expect::status, key, {"SET", key, value});
  const std::vector<Command> first = {set, command_of(Expect::array, key, {"ROLE"})};
  const auto written = client.run(first, until);
  if (!written[0]) return std::unexpected(written[0].error());
  const std::size_t replicas = written[1] ? replicas_in(*written[1]) : 0;  // a user may not be allowed to ask
  if (replicas == 0) return {};
  const std::vector<Command> again = {
      set, command_of(Expect::integer, key, {"WAIT", std::to_string(replicas), std::to_string(replicas_wait.count())})};
  const auto waited = client.run(again, until);
  if (const Error* error = first_error(waited)) return std::unexpected(*error);
  if (waited[1]->integer >= static_cast<long long>(replicas)) return {};
  return fail(Fault::unavailable, std::format("{} of {} replicas have got a purge: it has to be tried again",
                                              waited[1]->integer, replicas));
}

}  // namespace fovea::valkey
