// SPDX-License-Identifier: Apache-2.0

// PolicyKind: the eviction policies a Level can be given, by the names they have everywhere (flags, metrics, documents).
// docs/policies.md compares them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "fovea/result.h"

namespace fovea {

enum class PolicyKind : std::uint8_t {
  lru,          // the least recently used leaves first
  cost,         // GreedyDual-Size-Frequency: the least cost x frequency per byte leaves first, ageing
  importance,   // the least important to the model's attention leaves first, ageing
  cross_modal,  // importance that also follows what the answers about an embedding were worth (Coherence)
  s3_fifo,      // three FIFO queues: one-hit entries leave early
  sieve,        // one FIFO queue and a hand that spares what was hit
  w_tinylfu,    // a small window, and admission by frequency per size
  value,        // ours: learns what predicts a hit, and keeps the most saved time per byte
};

// The policy where none is asked for; docs/policies.md has the measurements behind the choice.
constexpr PolicyKind default_policy = PolicyKind::value;

// How a policy is called: "lru", "cost", "importance", "cross-modal", "s3-fifo", "sieve", "w-tinylfu", "value".
std::string_view to_string(PolicyKind kind);

// The policy of that name. Faults: invalid (the message lists the names).
Result<PolicyKind> policy_kind_of(std::string_view name);

// Whether it needs to be told what the model's attention makes of an entry; without, it knows of recency alone.
bool goes_by_importance(PolicyKind kind);

// Every policy, in the order of the enumeration.
std::span<const PolicyKind> all_policies();

}  // namespace fovea
