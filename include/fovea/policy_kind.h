// SPDX-License-Identifier: Apache-2.0

// PolicyKind: the eviction policies that a Level can use. Flags, metrics and documents spell them as
// to_string does. docs/policies.md compares them. Plain values.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "fovea/result.h"

namespace fovea {

enum class PolicyKind : std::uint8_t {
  lru,          // evicts the least recently used entry
  cost,         // GreedyDual-Size-Frequency: evicts the least cost x frequency per byte, with ageing
  importance,   // evicts the entry that the model attended to least, with ageing
  cross_modal,  // importance, which follows the answers made from an embedding (Coherence)
  s3_fifo,      // three FIFO queues: evicts one-hit entries early
  sieve,        // one FIFO queue and a hand that skips entries that were hit
  w_tinylfu,    // a small window, and admission by frequency per size
  value,        // learns what predicts a hit, and keeps the most saved time per byte
};

// The policy of a level that names none. docs/policies.md has the measurements behind the choice.
constexpr PolicyKind default_policy = PolicyKind::value;

// The policy's name: "lru", "cost", "importance", "cross-modal", "s3-fifo", "sieve", "w-tinylfu", "value".
std::string_view to_string(PolicyKind kind);

// The policy of a name. Faults: invalid (the message lists the names).
Result<PolicyKind> policy_kind_of(std::string_view name);

// Whether the policy orders entries by the importance that the model's attention gives them. Without
// importances it knows their recency only.
bool goes_by_importance(PolicyKind kind);

// Every policy, in the order of the enumeration.
std::span<const PolicyKind> all_policies();

}  // namespace fovea
