// A lease is a key with a random token that ends by itself. It is deleted only where it still has our
// token: ours may have ended, and another's begun. Compare and delete is a script, which every Valkey and
// Redis knows; DELIFEQ only Valkey 9 does.
#include "tier/valkey/lease.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "tier/valkey/generations.h"

namespace fovea::valkey {

namespace {

constexpr std::string_view delete_if_equal =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('UNLINK', KEYS[1]) end return 0";

std::string key_of(const Key& key) {
  return "fovea:1:l:" + std::string(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
}

Until soon() { return Until::of({}, LeaseHolder::wait_max); }

}  // namespace

Result<bool> LeaseHolder::acquire_lease(const Key& key, std::chrono::milliseconds time) {
  const std::uint64_t token = random_number();
  const std::string name = key_of(key), ms = std::to_string(std::max<long long>(time.count(), 1));
  const Command command = command_of(Expect::status, name, {"SET", name, digits_of(token), "NX", "PX", ms});
  const auto now = std::chrono::steady_clock::now();
  const auto replies = client_.run(std::span(&command, 1), soon());
  if (!replies[0]) return std::unexpected(replies[0].error());
  if (replies[0]->kind == Reply::Kind::nil) return false;
  MutexLock lock(mutex_);
  std::erase_if(held_, [&](const auto& one) { return one.second.ends < now; });
  held_.insert_or_assign(key, Held{token, now + time + LeaseHolder::wait_max});
  return true;
}

Result<bool> LeaseHolder::release_lease(const Key& key) {
  std::uint64_t token = 0;
  {
    MutexLock lock(mutex_);
    const auto held = held_.find(key);
    if (held == held_.end()) return false;
    token = held->second.token;
    held_.erase(held);
  }
  const std::string name = key_of(key);
  const Command command = command_of(Expect::integer, name, {"EVAL", delete_if_equal, "1", name, digits_of(token)});
  const auto replies = client_.run(std::span(&command, 1), soon());
  if (!replies[0]) return std::unexpected(replies[0].error());
  return replies[0]->integer == 1;
}

}  // namespace fovea::valkey
