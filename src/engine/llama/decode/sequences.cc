#include "engine/llama/decode/sequences.h"

#include <algorithm>

#include "base/check.h"
#include "cache/policies.h"
#include "fovea/budget.h"

namespace fovea::llama {

Sequences::Sequences(llama_context& context, std::uint32_t count, bool can_go_back)
    : context_(context), can_go_back_(can_go_back), policy_(make_policy(default_policy)) {
  for (std::uint32_t i = 0; i < count; ++i) {
    sequences_.push_back(std::make_unique<Sequence>());
    sequences_.back()->id = static_cast<llama_seq_id>(i);
  }
  policy_->resized(llama_n_ctx(&context_));
}

std::optional<Sequences::Taken> Sequences::take(const PromptLayout& layout, std::span<const Key> prefix_hashes,
                                                std::uint32_t cells) {
  std::uint32_t promised = cells;
  for (const auto& sequence : sequences_) promised += sequence->promised;
  const bool none_idle = std::ranges::none_of(sequences_, [](const auto& each) { return each->promised == 0; });
  check(cells > 0 && cells <= llama_n_ctx(&context_), "a prompt and its answer fit the context");
  if (none_idle || promised > llama_n_ctx(&context_)) return std::nullopt;

  const Source source = longest_cached(layout, prefix_hashes);
  const bool diverged = source.cached_items > 0 && source.cached_items < source.sequence->live.items.size();
  Sequence& place = *place_for(source);
  fill(place, source);
  place.promised = cells;
  while (cells_in_use() > llama_n_ctx(&context_) && evict_one()) {
  }
  return Taken{&place, place.live.items.size(), diverged && !place.live.items.empty()};
}

Sequences::Source Sequences::longest_cached(const PromptLayout& layout, std::span<const Key> prefix_hashes) {
  Source most;
  for (const auto& sequence : sequences_) {
    if (sequence->promised > 0 && !can_go_back_) continue;  // its state is of its end, which is somebody else's
    const std::size_t cached_items = sequence->live.usable_for(layout, prefix_hashes, can_go_back_);
    if (cached_items > most.cached_items) most = {sequence.get(), cached_items};
  }
  return most;
}

// The sequence to read in: the one that holds the beginning, where nothing else of it is lost, or an empty one, or the
// one that the policy would rather lose.
Sequence* Sequences::place_for(const Source& source) {
  const bool goes_on = source.cached_items > 0 && source.cached_items == source.sequence->live.items.size();
  if (goes_on && source.sequence->promised == 0) return source.sequence;
  for (const auto& sequence : sequences_) {
    if (sequence->promised == 0 && sequence->live.items.empty()) return sequence.get();
  }
  Sequence* least = least_wanted();
  check(least != nullptr, "every idle sequence that holds something is the policy's");
  return least;
}

Sequence* Sequences::least_wanted() {
  const Item* victim = policy_->victim(nullptr);
  const auto found = std::ranges::find_if(sequences_, [&](const auto& each) { return &each->item == victim; });
  return found == sequences_.end() ? nullptr : found->get();
}

// Makes `place` hold what `source` holds of the prompt, and nothing else.
void Sequences::fill(Sequence& place, const Source& source) {
  const llama_pos end = source.cached_items == 0 ? 0 : source.sequence->live.position(source.cached_items);
  if (source.cached_items > 0 && source.sequence->promised == 0 && source.sequence != &place) {
    ++source.sequence->item.hits;
    policy_->hit(source.sequence->item);
  }
  if (!place.live.items.empty())
    leave_policy(place, source.sequence == &place ? RemovalCause::pinned : RemovalCause::evicted);
  if (source.sequence != &place || source.cached_items == 0) {
    purge(place);
    if (source.cached_items == 0) return;
    llama_memory_seq_cp(llama_get_memory(&context_), source.sequence->id, place.id, 0, end);
    const auto& items = source.sequence->live.items;
    place.live.items.assign(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(source.cached_items));
    return;
  }
  if (truncate(place, end)) place.live.items.resize(source.cached_items);
}

void Sequences::give_back(Sequence& sequence, std::uint32_t tokens) {
  sequence.promised = 0;
  if (sequence.live.items.empty()) return purge(sequence);
  const LiveItem& last = sequence.live.items.back();
  sequence.tokens = tokens;
  sequence.item.id = last.link.bits();
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

// Takes from the idle sequence that the policy would rather lose; false if none holds anything.
bool Sequences::evict_one() {
  Sequence* least = least_wanted();
  if (least == nullptr) return false;
  leave_policy(*least, RemovalCause::evicted);
  purge(*least);
  return true;
}

void Sequences::leave_policy(Sequence& sequence, RemovalCause why) {
  sequence.tokens = 0;
  policy_->removed(sequence.item, why);
}

// An empty context is cleared, so that its cells are filled from the first on, as in a cold run.
void Sequences::purge(Sequence& sequence) {
  sequence.live.items.clear();
  llama_memory_t memory = llama_get_memory(&context_);
  llama_memory_seq_rm(memory, sequence.id, -1, -1);
  const auto holds_nothing = [&](const auto& each) { return llama_memory_seq_pos_max(memory, each->id) < 0; };
  if (std::ranges::all_of(sequences_, holds_nothing)) llama_memory_clear(memory, false);
}

// What is shared counts for each that shares it.
std::uint32_t Sequences::cells_in_use() const {
  std::uint32_t cells = 0;
  for (const auto& sequence : sequences_) cells += sequence->promised + sequence->tokens;
  return cells;
}

}  // namespace fovea::llama
