#include "tier/valkey/wire/server_error.h"

#include <algorithm>
#include <array>
#include <format>

namespace fovea::valkey {

namespace {

constexpr std::size_t said_bytes_max = 160;

struct Advice {
  std::string_view code;  // what the reply begins with
  std::string_view what;  // follows the server's address in the sentence
};

constexpr std::array advices = {
    Advice{"NOAUTH", "asks for a password: put it into a password file, or into FOVEA_VALKEY_PASSWORD"},
    Advice{"WRONGPASS", "refuses the user or the password: compare both with the server's ACL LIST"},
    Advice{"ERR AUTH",
           "has no password and was given one: take FOVEA_VALKEY_PASSWORD and the password file away, or "
           "set requirepass there"},
    Advice{"NOPERM",
           // docs/tiers.md names the same.
           "does not let its user do this: allow keys ~fovea:* and the commands get set exists unlink eval wait role "
           "asking cluster|slots xadd xrange xrevrange xlen scan"},
    Advice{"OOM", "is full and evicts nothing: set its maxmemory-policy to allkeys-lfu, or raise maxmemory"},
    Advice{"READONLY", "is a replica: name its primary, or all nodes of the cluster"},
    Advice{"LOADING", "is still loading its data from disk: it answers when that is done"},
    Advice{"BUSY", "is busy with somebody's script: end it with SCRIPT KILL"},
    Advice{"MASTERDOWN", "has lost its primary: bring that back, or fail over"},
    Advice{"CLUSTERDOWN",
           "says that its cluster is down: see valkey-cli --cluster check, or set "
           "cluster-require-full-coverage no"},
    Advice{"TRYAGAIN", "is moving this slot to another node: it answers when that is done"},
    Advice{"MISCONF", "refuses writes, since it cannot save its data to disk: free the disk, or set save \"\""},
    Advice{"NOREPLICAS",
           "refuses writes, since too few replicas follow it: bring them back, or lower "
           "min-replicas-to-write"},
    Advice{"WRONGTYPE", "has something else under a key that begins with fovea: no other program may write there"},
    Advice{"ERR max number of clients", "has no connection left: raise its maxclients"},
};

}  // namespace

std::string quoted(std::string_view said) {
  std::string text(said.substr(0, said_bytes_max));
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

Error server_error(const Endpoint& endpoint, std::string_view said) {
  const auto advice = std::ranges::find_if(advices, [&](const Advice& one) { return said.starts_with(one.code); });
  if (advice == advices.end())
    return {Fault::unavailable, std::format("{} refused a command: {}", to_string(endpoint), quoted(said))};
  return {Fault::unavailable, std::format("{} {} (it said: {})", to_string(endpoint), advice->what, quoted(said))};
}

}  // namespace fovea::valkey
