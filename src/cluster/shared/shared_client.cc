// A command is some hundred bytes, so it is a delay: both latencies, the server's own time, and both
// latencies back. Over a link that is cut nothing comes, and who asked waits for as long as it may. A server
// that is gone refuses at once.
//
// Commands come one after another as ValkeyTier has them: behind a value, the generations of its labels;
// before a prefix, which of them there are; before a value that is stored, the generations. The labels are
// taken to lie on the server of the value. The first value of a picture draws its number, one command more:
// that is left out.
#include "cluster/shared/shared_client.h"

#include <algorithm>

namespace fovea {

namespace {

constexpr double write_wait_ms = 5000;  // ValkeyTierOptions::wait_max
constexpr double lease_wait_ms = 250;   // lease.h, wait_max

}  // namespace

// Whether a command and its short answer come through within the limit. Takes the way there, and the whole
// limit where they do not.
Task<bool> SharedClient::reaches(const Shard& shard, double limit_ms) {
  const double there_ms = network_.latency_ms(node_, shard.place());
  const bool passes = !network_.is_cut(node_) && !network_.is_cut(shard.place());
  if (!passes || 2 * there_ms + shared_.wait_ms > limit_ms) {
    co_await timeline_.wait(limit_ms);
    co_return false;
  }
  co_await timeline_.wait(there_ms);
  if (shard.is_up()) co_await timeline_.wait(shared_.wait_ms);
  if (shard.is_up()) co_return true;
  co_await timeline_.wait(there_ms);
  co_return false;
}

// A command whose answer says nothing that matters here.
Task<bool> SharedClient::asks(const Shard& shard, double limit_ms) {
  if (!co_await reaches(shard, limit_ms)) co_return false;
  co_await timeline_.wait(network_.latency_ms(node_, shard.place()));
  co_return true;
}

Task<TierAnswer> SharedClient::find(StoredEntry entry, double limit_ms) {
  using What = TierAnswer::What;
  Shard& shard = shard_of(entry.key);
  const Stopwatch watch(timeline_);
  if (entry.kind == RecordKind::prefix && shard.is_up() && shard.contains(entry.key) && !co_await asks(shard, limit_ms))
    co_return TierAnswer{.what = What::fault};
  if (!co_await reaches(shard, std::max(limit_ms - watch.elapsed_ms(), 0.0))) co_return TierAnswer{.what = What::fault};
  const Item* item = shard.find(entry.key);
  if (item == nullptr) {
    co_await timeline_.wait(network_.latency_ms(node_, shard.place()));
    co_return TierAnswer{.what = What::missing};
  }
  const TierAnswer found{.what = What::found, .cost_ms = item->cost_ms, .bytes = item->size};
  const double left_ms = std::max(limit_ms - watch.elapsed_ms(), 0.0);
  const auto sent = co_await network_.send(shard.place(), node_, static_cast<double>(found.bytes), left_ms);
  if (sent.how != Sent::arrived) {
    shared_.traffic.cancelled_bytes += sent.bytes;
    co_return TierAnswer{.what = What::fault};
  }
  ++shared_.traffic.fetched;
  shared_.traffic.fetched_bytes += sent.bytes;
  const bool current = co_await asks(shard, std::max(limit_ms - watch.elapsed_ms(), 0.0));
  co_return current ? found : TierAnswer{.what = What::fault};
}

Task<bool> SharedClient::insert(StoredEntry entry) {
  Shard& shard = shard_of(entry.key);
  const Stopwatch watch(timeline_);
  if (!co_await asks(shard, write_wait_ms)) co_return false;
  const auto sent = co_await network_.send(node_, shard.place(), static_cast<double>(entry.bytes),
                                           std::max(write_wait_ms - watch.elapsed_ms(), 0.0));
  if (sent.how != Sent::arrived) {
    shared_.traffic.cancelled_bytes += sent.bytes;
    co_return false;
  }
  if (!shard.is_up()) co_return false;
  ++shared_.traffic.written;
  shared_.traffic.written_bytes += sent.bytes;
  shard.insert(entry);
  co_await timeline_.wait(shared_.wait_ms + network_.latency_ms(node_, shard.place()));
  co_return true;
}

Task<SimulatedTier::Lease> SharedClient::acquire_lease(std::uint64_t key, double time_ms) {
  Shard& shard = shard_of(key);
  if (!co_await reaches(shard, lease_wait_ms)) co_return Lease::fault;
  const double now_ms = timeline_.now_ms();
  const bool acquired = shard.acquire_lease(key, node_, now_ms, now_ms + time_ms);
  co_await timeline_.wait(network_.latency_ms(node_, shard.place()));
  co_return acquired ? Lease::acquired : Lease::held;
}

// Nobody waits for it.
void SharedClient::release_lease(std::uint64_t key) {
  Shard& shard = shard_of(key);
  if (network_.is_cut(node_) || network_.is_cut(shard.place())) return;
  timeline_.after(network_.latency_ms(node_, shard.place()), [&shard, key, node = node_] {
    if (shard.is_up()) shard.release_lease(key, node);
  });
}

}  // namespace fovea
