// The prefix level's part of an answer: before reading, put the decoder as far into the prompt as it has been;
// afterwards, keep where others may go on. Both decide by tokens alone: what a state weighs and saves against others is
// the level's policy's business.
#include "pipeline/answering.h"
#include "pipeline/timed.h"

namespace fovea {

namespace {

// Fewer tokens are read about as fast as a state is put back.
constexpr std::uint32_t restored_tokens_min = 16;
// A shorter prefix saves too little for its bytes.
constexpr std::uint32_t stored_tokens_min = 32;

}  // namespace

// A seat that holds as much of the prompt as the request before left there, or as is stored.
std::unique_ptr<Seat> Answering::take_seat() {
  const Timed timed(report_.times.restore_ms);
  auto seat = pipeline_.engine_.take_seat(*layout_, chain_);
  if (chain_.empty()) return seat;
  shared_ = seat->held();
  parted_ = seat->parted();
  if (const auto stored = stored_prefix(shared_)) {
    if (seat->restore(stored->items, stored->state.value, stored->state.cost_ms))
      report_.lookups.push_back({TraceLevel::prefix,
                                 chain_[stored->items - 1],
                                 Outcome::hit,
                                 stored->state.value.size(),
                                 stored->state.cost_ms,
                                 {}});
  }
  const std::size_t wanted = std::max<std::size_t>(layout_->items_with_pictures(), 1);
  report_.prefix = seat->held() >= wanted ? Outcome::hit : Outcome::miss;
  report_.cached_tokens = static_cast<std::int32_t>(layout_->tokens(seat->held()));
  save(seat->cost_ms(seat->held()));
  return seat;
}

// The longest stored prefix of the prompt that is worth putting in place of the `held` items that the decoder holds.
std::optional<Answering::StoredPrefix> Answering::stored_prefix(std::size_t held) {
  for (std::size_t items = layout_->items().size() - 1; items > held; --items) {
    if (layout_->tokens(items) < layout_->tokens(held) + restored_tokens_min) break;
    if (!pipeline_.prefixes_.contains(chain_[items - 1])) continue;
    if (auto state = pipeline_.prefixes_.find(chain_[items - 1])) return StoredPrefix{items, std::move(*state)};
  }
  // Counted as a miss where it would have been stored.
  if (const std::size_t wanted = layout_->items_with_pictures(); wanted > held)
    pipeline_.prefixes_.find(chain_[wanted - 1]);
  return std::nullopt;
}

// Keeps the decoder's state behind the pictures, for other questions about them, and where the request before parted
// from this one: what two requests have shared a third may share too (a system prompt, say). The answer is out by now.
void Answering::keep_prefixes(Seat& seat) {
  if (chain_.empty() || !pipeline_.engine_.prefix_obstacle().empty()) return;
  const Timed timed(report_.times.store_ms);
  const std::size_t behind_pictures = layout_->items_with_pictures();
  keep_prefix(seat, behind_pictures);
  if (parted_ && (behind_pictures == 0 || shared_ < behind_pictures)) keep_prefix(seat, shared_);
}

void Answering::keep_prefix(Seat& seat, std::size_t items) {
  if (layout_->tokens(items) < stored_tokens_min || pipeline_.prefixes_.contains(chain_[items - 1])) return;
  auto state = seat.snapshot(items);
  if (!state) return;
  const double cost_ms = seat.cost_ms(items);
  report_.lookups.push_back({TraceLevel::prefix, chain_[items - 1], Outcome::miss, state->size(), cost_ms, {}});
  pipeline_.prefixes_.insert(chain_[items - 1], std::move(*state), {.cost_ms = cost_ms});
}

}  // namespace fovea
