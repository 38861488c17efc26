// acquire() looks for the longest cached prefix in all sequences, idle or not. A prompt that goes on where an
// idle sequence ends takes that sequence. Else the prefix is copied into an empty sequence, or into the
// policy's victim, so that the source keeps what it holds; a victim that is the source itself is truncated.
// Then idle sequences are evicted until the reserved and the held cells fit the context. What is evicted is
// parked. Where a parked state has more of the prompt than any sequence, it comes back into an empty one.
//
// A model whose sequences cannot be truncated (recurrent ones, sliding windows) can only go on at the very
// end of a sequence. Shared cells are counted once for each sequence that holds them, so a context may have
// more room than cells_in_use() says.
#include "engine/llama/decode/sequences.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/check.h"
#include "cache/policies.h"
#include "fovea/budget.h"

namespace fovea::llama {

namespace {

// Each token that is computed skips every cell of an idle sequence, and copying a cell out and back costs as
// much as some number of such skips. An idle sequence is parked when it has been skipped so often: it then
// costs at most twice the best that could have been done, whenever it comes back. How often is a choice, not
// measured.
constexpr std::uint32_t skipped_by_max = 256;
// Fewer tokens are prefilled as fast as they are copied.
constexpr std::uint32_t parked_tokens_min = 32;

// Its first items; nullopt where the memory is too small for them.
std::optional<LiveSequence> beginning_of(const LiveSequence& live, std::size_t items) {
  try {
    const auto begin = live.items.begin();
    return LiveSequence{.items = {begin, begin + static_cast<std::ptrdiff_t>(items)},
                        .prompt_items = live.prompt_items};
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }
}

}  // namespace

Sequences::Sequences(llama_context& context, std::uint32_t count, bool can_truncate)
    : context_(context), can_truncate_(can_truncate), policy_(make_policy(default_policy)), parked_(context) {
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
  const ParkedStates::Found parked = parked_.find(layout, prefix_hashes, cells);
  const bool from_parked = layout.tokens(parked.cached_items) >= layout.tokens(source.cached_items) + parked_tokens_min;
  const std::size_t cached_items = from_parked ? parked.cached_items : source.cached_items;
  // Before an image, a stored state may be restored, which computes nothing.
  const std::uint32_t certain =
      cached_items >= layout.items_with_pictures() ? layout.tokens() - layout.tokens(cached_items) : 0;
  const Acquired acquired = from_parked ? acquire_parked(parked, cells, certain) : acquire_live(source, cells, certain);
  acquired.sequence->counted = certain;
  return acquired;
}

Sequences::Acquired Sequences::acquire_live(const Source& source, std::uint32_t cells, std::uint32_t certain) {
  const bool diverged = source.cached_items > 0 && source.cached_items < source.sequence->live.items.size();
  skip_idle(certain, source.sequence);
  Sequence& target = *target_for(source);
  fill(target, source);
  reserve(target, cells);
  make_room();
  return {&target, target.live.items.size(), diverged && !target.live.items.empty()};
}

// The state is taken out first, since what is evicted for it may push it out. A prompt that goes on otherwise
// leaves it parked for those that go on where it ends. One that cannot be brought back is dropped, and the
// sequence stays empty.
Sequences::Acquired Sequences::acquire_parked(const ParkedStates::Found& parked, std::uint32_t cells,
                                              std::uint32_t certain) {
  const std::size_t cached_items = parked.cached_items;
  ParkedState state = parked_.take(parked);
  skip_idle(certain, nullptr);
  Sequence& target = *target_for({});
  if (!target.live.items.empty()) evict(target);
  reserve(target, cells);
  make_room();
  const bool diverged = cached_items < state.live.items.size();
  auto used = beginning_of(state.live, cached_items);
  if (!used || !bring_back(context_, target.id, state)) return {&target, 0, false};
  target.live = *std::move(used);
  if (!diverged) return {&target, cached_items, false};
  truncate(target, target.live.position(cached_items));
  parked_.keep(std::move(state));
  return {&target, target.live.items.size(), !target.live.items.empty()};
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
  if (source.sequence != &target || source.cached_items == 0) {
    if (target.live.items.empty())
      purge(target);
    else
      evict(target);
    if (source.cached_items == 0) return;
    auto used = beginning_of(source.sequence->live, source.cached_items);
    if (!used) return;
    llama_memory_seq_cp(llama_get_memory(&context_), source.sequence->id, target.id, 0, end);
    target.live = *std::move(used);
    return;
  }
  leave_policy(target, RemovalCause::pinned);
  if (truncate(target, end)) target.live.items.resize(source.cached_items);
}

void Sequences::computing(Sequence& sequence, std::uint32_t tokens) {
  const std::uint32_t counted = std::min(std::exchange(sequence.counted, 0), tokens);
  skip_idle(tokens - counted, nullptr);
}

// Parks the idle sequences, except for `kept`, that were skipped by too many with these tokens.
void Sequences::skip_idle(std::uint32_t tokens, const Sequence* kept) {
  for (const auto& sequence : sequences_) {
    if (sequence.get() == kept || sequence->reserved_cells > 0 || sequence->live.items.empty()) continue;
    sequence->skipped_by += tokens;
    if (can_truncate_ && sequence->skipped_by >= skipped_by_max) evict(*sequence);
  }
}

void Sequences::make_room() {
  while (cells_in_use() > llama_n_ctx(&context_)) {
    Sequence* victim = eviction_victim();
    if (victim == nullptr) return;
    evict(*victim);
  }
}

void Sequences::reserve(Sequence& sequence, std::uint32_t cells) {
  sequence.reserved_cells = cells;
  slots_held_ += 1;
  cells_reserved_ += cells;
}

void Sequences::release(Sequence& sequence, std::uint32_t tokens) {
  slots_held_ -= 1;
  cells_reserved_ -= std::exchange(sequence.reserved_cells, 0);
  if (sequence.live.items.empty()) return purge(sequence);
  const LiveItem& last = sequence.live.items.back();
  sequence.idle_tokens = tokens;
  sequence.skipped_by = 0;
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
  while (Sequence* victim = eviction_victim()) drop(*victim);
  parked_.clear();
}

// What an idle sequence holds leaves the context, and is parked.
void Sequences::evict(Sequence& sequence) {
  if (can_truncate_ && sequence.idle_tokens >= parked_tokens_min)
    parked_.park(sequence.id, sequence.live, sequence.idle_tokens);
  drop(sequence);
}

void Sequences::drop(Sequence& sequence) {
  leave_policy(sequence, RemovalCause::evicted);
  purge(sequence);
}

void Sequences::leave_policy(Sequence& sequence, RemovalCause why) {
  sequence.idle_tokens = 0;
  policy_->removed(sequence.item, why);
}

// A context without tokens is cleared, so that its cells are filled from the first on, as in a run without a
// cache.
void Sequences::purge(Sequence& sequence) {
  sequence.live = {};
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
