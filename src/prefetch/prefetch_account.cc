// Moves are few and a request names few keys: those that are being moved are looked through, at most as many
// as threads move; those that are over are found by the keys of their parts.
//
// A move that was asked for while it went on ends as late when it is over: only then are its bytes known, all
// of which were moved for nothing.
#include "prefetch/prefetch_account.h"

#include <algorithm>
#include <set>
#include <utility>

namespace fovea {

void PrefetchAccount::began(std::uint64_t number, const Key& scope, const Key& picture) {
  if (moves_.size() == options_.open_max) end(moves_.begin()->first, Outcome::wasted, {});
  moves_.emplace(number, Move{.scope = scope, .picture = picture, .over_ms = {}, .parts = {}});
  moving_.push_back(number);
  ++counts_.issued;
}

void PrefetchAccount::moved(std::uint64_t number, std::vector<Part> parts) {
  std::erase(moving_, number);
  const auto found = moves_.find(number);
  if (found == moves_.end()) return;
  Move& move = found->second;
  move.over_ms = clock_.now_ms();
  move.parts = std::move(parts);
  for (const Part& part : move.parts) {
    counts_.bytes += part.bytes;
    number_of_[part.key] = number;
  }
  if (move.late) {
    end(number, Outcome::late, {});
  } else if (move.parts.empty()) {
    end(number, Outcome::wasted, {});
  }
}

void PrefetchAccount::overtaken(std::uint64_t number) {
  std::erase(moving_, number);
  if (moves_.contains(number)) end(number, Outcome::late, {});
}

void PrefetchAccount::dropped(std::uint64_t number) {
  ++counts_.dropped;
  table_.withdraw(number);
}

void PrefetchAccount::asked(const Key& scope, std::span<const Key> pictures, std::span<const LookedUp> looked_up,
                            double began_ms) {
  const auto elsewhere = [](const LookedUp& part) { return part.found_in && *part.found_in != TierKind::memory; };
  if (std::ranges::any_of(looked_up, elsewhere)) ++counts_.waited;
  for (const std::uint64_t number : moving_) {
    const auto found = moves_.find(number);
    if (found == moves_.end() || found->second.scope != scope) continue;
    if (std::ranges::contains(pictures, found->second.picture)) found->second.late = true;
  }
  std::set<std::uint64_t> met;
  for (const LookedUp& part : looked_up) {
    if (const auto found = number_of_.find(part.key); found != number_of_.end()) met.insert(found->second);
  }
  for (const std::uint64_t number : met) {
    if (const auto found = moves_.find(number); found != moves_.end())
      end(number, outcome_of(found->second, looked_up, began_ms), looked_up);
  }
}

PrefetchAccount::Outcome PrefetchAccount::outcome_of(const Move& move, std::span<const LookedUp> looked_up,
                                                     double began_ms) {
  if (*move.over_ms > began_ms) return Outcome::late;
  const auto missed = [&](const Part& part) {
    const auto found = std::ranges::find(looked_up, part.key, &LookedUp::key);
    return found != looked_up.end() && found->found_in != TierKind::memory;
  };
  return std::ranges::any_of(move.parts, missed) ? Outcome::wasted : Outcome::used;
}

void PrefetchAccount::end(std::uint64_t number, Outcome outcome, std::span<const LookedUp> looked_up) {
  const auto found = moves_.find(number);
  const Move move = std::move(found->second);
  moves_.erase(found);
  for (const Part& part : move.parts) {
    const bool used = outcome == Outcome::used && std::ranges::contains(looked_up, part.key, &LookedUp::key);
    (used ? counts_.used_bytes : counts_.wasted_bytes) += part.bytes;
    const auto by_key = number_of_.find(part.key);
    if (by_key != number_of_.end() && by_key->second == number) number_of_.erase(by_key);
  }
  ++(outcome == Outcome::used ? counts_.used : outcome == Outcome::late ? counts_.late : counts_.wasted);
  table_.settle(number, outcome == Outcome::used);
}

void PrefetchAccount::end_old(const InMemory& in_memory) {
  const double now_ms = clock_.now_ms();
  std::vector<std::uint64_t> over;
  for (const auto& [number, move] : moves_) {
    if (!move.over_ms) continue;
    const auto held = [&](const Part& part) { return in_memory(part.key); };
    if (now_ms >= *move.over_ms + options_.wait_max_ms || std::ranges::none_of(move.parts, held))
      over.push_back(number);
  }
  for (const std::uint64_t number : over) end(number, Outcome::wasted, {});
}

PrefetchCounts PrefetchAccount::counts() const {
  PrefetchCounts counts = counts_;
  counts.tried = table_.tried();
  return counts;
}

}  // namespace fovea
