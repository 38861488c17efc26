// acquire() looks for the longest cached prefix in all sequences, idle or not. A prompt that goes on where an
// idle sequence ends takes that sequence. Else the prefix is copied into an empty sequence, or into the
// policy's victim, so that the source keeps what it holds; a victim that is the source itself is truncated.
// Then idle sequences are evicted until the reserved and the held cells fit the context.
//
// A model whose sequences cannot be truncated (recurrent ones, sliding windows) can only go on at the very
// end of a sequence. Shared cells are counted once for each sequence that holds them, so a context may have
// more room than cells_in_use() says.
#include "engine/llama/decode/sequences.h"

#include <algorithm>

#include "base/check.h"
#include "cache/policies.h"
#include "fovea/budget.h"

namespace fovea::llama {

Sequences::Sequences(llama_context& context, std::uint32_t count, bool can_truncate)
    : context_(context), can_truncate_(can_truncate), policy_(make_policy(default_policy)) {
  for (std::uint32_t i = 0; i < count; ++i) {
    sequences_.push_back(std::make_unique<Sequence>());
    sequences_.back()->id = static_cast<llama_seq_id>(i);
  }
  policy_->resized(llama_n_ctx(&context_));
}

std::optional<Sequences::Acquired> Sequences::acquire(const PromptLayout& layout, std::span<const Key> prefix_hashes,
                                                      std::uint32_t cells) {
  std::uint32_t reserved = cells;
  for (const auto& sequence : sequences_) reserved += sequence->reserved_cells;
  const bool none_idle = std::ranges::none_of(sequences_, [](const auto& each) { return each->reserved_cells == 0; });
  check(cells > 0 && cells <= llama_n_ctx(&context_), "a prompt and its answer fit the context");
  if (none_idle || reserved > llama_n_ctx(&context_)) return std::nullopt;

  const Source source = longest_cached(layout, prefix_hashes);
  const bool diverged = source.cached_items > 0 && source.cached_items < source.sequence->live.items.size();
  Sequence& target = *target_for(source);
  fill(target, source);
  target.reserved_cells = cells;
  while (cells_in_use() > llama_n_ctx(&context_) && evict_one()) {
  }
  return Acquired{&target, target.live.items.size(), diverged && !target.live.items.empty()};
}

Sequences::Source Sequences::longest_cached(const PromptLayout& layout, std::span<const Key> prefix_hashes) {
  Source most;
  for (const auto& sequence : sequences_) {
    // Its state is of its end, in another slot's prompt.
    if (sequence->reserved_cells > 0 && !can_truncate_) continue;
    const std::size_t cached_items = sequence->live.usable_for(layout, prefix_hashes, can_truncate_);
    if (cached_items > most.cached_items) most = {sequence.get(), cached_items};
  }
  return most;
}

// The sequence to prefill in: the one with the cached prefix, if the prompt goes on where it ends; else an
// empty one; else the policy's victim.
Sequence* Sequences::target_for(const Source& source) {
  const bool goes_on = source.cached_items > 0 && source.cached_items == source.sequence->live.items.size();
  if (goes_on && source.sequence->reserved_cells == 0) return source.sequence;
  for (const auto& sequence : sequences_) {
    if (sequence->reserved_cells == 0 && sequence->live.items.empty()) return sequence.get();
  }
  Sequence* victim = eviction_victim();
  check(victim != nullptr, "every idle sequence that holds something is the policy's");
  return victim;
}

Sequence* Sequences::eviction_victim() {
  const Item* victim = policy_->victim(nullptr);
  const auto found = std::ranges::find_if(sequences_, [&](const auto& each) { return &each->item == victim; });
  return found == sequences_.end() ? nullptr : found->get();
}

// Makes `target` hold the cached prefix that `source` found, and nothing else.
void Sequences::fill(Sequence& target, const Source& source) {
  const llama_pos end = source.cached_items == 0 ? 0 : source.sequence->live.position(source.cached_items);
  if (source.cached_items > 0 && source.sequence->reserved_cells == 0 && source.sequence != &target) {
    ++source.sequence->item.hits;
    policy_->hit(source.sequence->item);
  }
  if (!target.live.items.empty())
    leave_policy(target, source.sequence == &target ? RemovalCause::pinned : RemovalCause::evicted);
  if (source.sequence != &target || source.cached_items == 0) {
    purge(target);
    if (source.cached_items == 0) return;
    llama_memory_seq_cp(llama_get_memory(&context_), source.sequence->id, target.id, 0, end);
    const auto& items = source.sequence->live.items;
    target.live.items.assign(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(source.cached_items));
    return;
  }
  if (truncate(target, end)) target.live.items.resize(source.cached_items);
}

void Sequences::release(Sequence& sequence, std::uint32_t tokens) {
  sequence.reserved_cells = 0;
  if (sequence.live.items.empty()) return purge(sequence);
  const LiveItem& last = sequence.live.items.back();
  sequence.idle_tokens = tokens;
  sequence.item.id = last.hash.bits();
  sequence.item.size = tokens;
  sequence.item.cost_ms = last.cost_ms;
  sequence.item.hits = 0;
  policy_->inserted(sequence.item);
}

bool Sequences::truncate(Sequence& sequence, llama_pos end) {
  if (end > 0 && llama_memory_seq_rm(llama_get_memory(&context_), sequence.id, end, -1)) return true;
  purge(sequence);
  return end == 0;
}

void Sequences::purge_idle() {
  while (evict_one()) {
  }
}

// Purges the eviction victim; false if no idle sequence holds anything.
bool Sequences::evict_one() {
  Sequence* victim = eviction_victim();
  if (victim == nullptr) return false;
  leave_policy(*victim, RemovalCause::evicted);
  purge(*victim);
  return true;
}

void Sequences::leave_policy(Sequence& sequence, RemovalCause why) {
  sequence.idle_tokens = 0;
  policy_->removed(sequence.item, why);
}

// A context without tokens is cleared, so that its cells are filled from the first on, as in a run without a
// cache.
void Sequences::purge(Sequence& sequence) {
  sequence.live.items.clear();
  llama_memory_t memory = llama_get_memory(&context_);
  llama_memory_seq_rm(memory, sequence.id, -1, -1);
  const auto holds_nothing = [&](const auto& each) { return llama_memory_seq_pos_max(memory, each->id) < 0; };
  if (std::ranges::all_of(sequences_, holds_nothing)) llama_memory_clear(memory, false);
}

// Shared cells count once for each sequence that holds them.
std::uint32_t Sequences::cells_in_use() const {
  std::uint32_t cells = 0;
  for (const auto& sequence : sequences_) cells += sequence->reserved_cells + sequence->idle_tokens;
  return cells;
}

}  // namespace fovea::llama
