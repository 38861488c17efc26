// The prefix level's part of an answer: before reading, put the decoder as far into the prompt as it has been;
// afterwards, keep where others may go on. Both decide by tokens alone: what a state weighs and saves against others is
// the level's policy's business.
#include <algorithm>

#include "pipeline/request_run.h"
#include "pipeline/timed.h"

namespace fovea {

namespace {

// Fewer tokens are read about as fast as a state is put back.
constexpr std::uint32_t restored_tokens_min = 16;
// A shorter prefix saves too little for its bytes.
constexpr std::uint32_t stored_tokens_min = 32;

// One that has been answered before is likely to go on.
bool is_conversation(const Request& request) {
  return std::ranges::contains(request.messages, "assistant", &Message::role);
}

}  // namespace

// Takes a slot, and puts the decoder where the stored prefix ends, unless the slot holds about as much already.
Result<void> RequestRun::acquire_slot(const std::optional<StoredPrefix>& prefix) {
  const Stopwatch waiting;
  auto slot = pipeline_.engine_.acquire_slot(*layout_, prefix_hashes_, request_.options.max_tokens, caller_);
  report_.times.wait_ms += waiting.elapsed_ms();
  if (!slot) return std::unexpected(slot.error());
  slot_ = std::move(*slot);
  if (prefix_hashes_.empty()) return {};
  const Timed timed(report_.times.restore_ms);
  shared_ = slot_->cached_items();
  diverged_ = slot_->diverged();
  if (prefix && layout_->tokens(prefix->items) >= layout_->tokens(shared_) + restored_tokens_min)
    slot_->restore(prefix->items, prefix->state.value, prefix->state.cost_ms);
  const std::size_t wanted = std::max<std::size_t>(layout_->items_with_pictures(), 1);
  report_.prefix = slot_->cached_items() >= wanted ? Outcome::hit : Outcome::miss;
  report_.cached_tokens = static_cast<std::int32_t>(layout_->tokens(slot_->cached_items()));
  save(slot_->cost_ms(slot_->cached_items()));
  return {};
}

// The longest stored prefix of the prompt that is worth putting back.
std::optional<RequestRun::StoredPrefix> RequestRun::stored_prefix() {
  if (prefix_hashes_.empty()) return std::nullopt;
  const Timed timed(report_.times.restore_ms);
  for (std::size_t items = layout_->items().size() - 1; layout_->tokens(items) >= restored_tokens_min; --items) {
    const Key& key = prefix_hashes_[items - 1];
    if (!pipeline_.prefixes_.contains(key)) continue;
    auto state = pipeline_.prefixes_.find(key);
    if (!state) continue;
    report_.lookups.push_back({TraceLevel::prefix, key, Outcome::hit, state->value.size(), state->cost_ms, {}});
    return StoredPrefix{items, std::move(*state)};
  }
  // Counted as a miss where it would have been stored.
  if (const std::size_t wanted = layout_->items_with_pictures(); wanted > 0)
    pipeline_.prefixes_.find(prefix_hashes_[wanted - 1]);
  return std::nullopt;
}

// Keeps the decoder's state behind the pictures, for other questions about them; where the request before parted from
// this one: what two requests have shared a third may share too (a system prompt, say); and of a conversation behind
// all of it, since others may come between. The answer is out by now.
void RequestRun::keep_prefixes() {
  if (prefix_hashes_.empty() || !pipeline_.engine_.prefix_obstacle().empty()) return;
  const Timed timed(report_.times.store_ms);
  const std::size_t behind_pictures = layout_->items_with_pictures();
  keep_prefix(behind_pictures);
  if (diverged_ && (behind_pictures == 0 || shared_ < behind_pictures)) keep_prefix(shared_);
  if (is_conversation(request_)) keep_prefix(layout_->items().size());
}

void RequestRun::keep_prefix(std::size_t items) {
  if (layout_->tokens(items) < stored_tokens_min || pipeline_.prefixes_.contains(prefix_hashes_[items - 1])) return;
  auto state = slot_->snapshot(items, pipeline_.prefix_bytes_max());
  if (!state) return;
  const double cost_ms = slot_->cost_ms(items);
  report_.lookups.push_back({TraceLevel::prefix, prefix_hashes_[items - 1], Outcome::miss, state->size(), cost_ms, {}});
  pipeline_.prefixes_.insert(prefix_hashes_[items - 1], std::move(*state), {.cost_ms = cost_ms, .tenant = tenant_});
}

}  // namespace fovea
