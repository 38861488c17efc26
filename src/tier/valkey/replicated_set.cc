// WAIT counts the replicas that have all which was written before the last command of its own connection. So
// each write is made twice: once with the question how many replicas there are, and, where there are some,
// again in one batch with WAIT.
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

// To the same server as `write`.
Command beside(const Command& write, Command command) {
  command.slot = write.slot;
  return command;
}

Command wait_command(std::size_t replicas) {
  return command_of(Expect::integer, "", {"WAIT", std::to_string(replicas), std::to_string(replicas_wait.count())});
}

}  // namespace

const Error* first_error(std::span<const Result<Reply>> results) {
  const auto failed = std::ranges::find_if(results, [](const auto& one) { return !one.has_value(); });
  return failed == results.end() ? nullptr : &failed->error();
}

Result<void> set_with_replicas(Client& client, std::string_view key, std::string_view value, const Until& until) {
  const Command set = command_of(Expect::status, key, {"SET", key, value});
  return write_with_replicas(client, std::span(&set, 1), until);
}

Result<void> write_with_replicas(Client& client, std::span<const Command> writes, const Until& until) {
  std::vector<Command> first;
  for (const Command& write : writes) {
    first.push_back(write);
    first.push_back(beside(write, command_of(Expect::array, "", {"ROLE"})));
  }
  const auto written = client.run(first, until);
  std::vector<Command> again;
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    if (!written[2 * i]) return std::unexpected(written[2 * i].error());
    const Result<Reply>& role = written[2 * i + 1];
    const std::size_t replicas = role ? replicas_in(*role) : 0;  // a user may not be allowed to ask
    if (replicas == 0) continue;
    wanted.push_back(replicas);
    again.push_back(writes[i]);
    again.push_back(beside(writes[i], wait_command(replicas)));
  }
  const auto waited = client.run(again, until);
  if (const Error* error = first_error(waited)) return std::unexpected(*error);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const long long have = waited[2 * i + 1]->integer;
    if (have < static_cast<long long>(wanted[i])) {
      return fail(Fault::unavailable,
                  std::format("{} of {} replicas have got a purge: it has to be tried again", have, wanted[i]));
    }
  }
  return {};
}

}  // namespace fovea::valkey
