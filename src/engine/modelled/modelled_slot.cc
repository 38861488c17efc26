// What the decoder was fed is a chain of hashes, like the prefix hashes but of the embeddings' bytes. A state
// carries its chain's end, so an answer behind a restored state is the answer of the whole prompt, and one
// from a wrong embedding or a wrong state is not. Text is prefilled in runs up to the next tile, as a batch
// of LlamaEngine ends there.
#include "engine/modelled/modelled_slot.h"

#include <algorithm>
#include <format>
#include <random>
#include <string>
#include <utility>

#include "base/check.h"
#include "engine/answer_text.h"
#include "engine/modelled/made_up.h"
#include "engine/modelled/modelled_answer.h"
#include "engine/modelled/modelled_state.h"
#include "engine/modelled/modelled_tokens.h"
#include "engine/prefix_hash.h"

namespace fovea {

namespace {

constexpr std::int32_t no_token = -1;  // text that was held back until the answer ended
// In front of a tile, as many tokens are in the tile's own time: the profile's prompts have some there.
constexpr std::size_t markup_tokens_max = 16;

Key fed_nothing() { return KeyBuilder("fovea/modelled-prompt/1").finish(); }

}  // namespace

Result<std::unique_ptr<Slot>> ModelledSlot::acquire(ModelledDevice& device, const ModelledTimes& times,
                                                    const PromptLayout& layout, std::int32_t answer_tokens_max,
                                                    const Caller& caller) {
  const std::uint64_t wanted = layout.tokens() + static_cast<std::uint64_t>(std::max(1, answer_tokens_max));
  const auto tokens = static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, times.context_tokens));
  if (auto acquired = device.acquire_slot(caller, tokens); !acquired) return std::unexpected(acquired.error());
  return std::unique_ptr<Slot>(new ModelledSlot(device, times, layout, tokens, caller));
}

ModelledSlot::ModelledSlot(ModelledDevice& device, const ModelledTimes& times, const PromptLayout& layout,
                           std::uint32_t tokens, const Caller& caller)
    : device_(device),
      times_(times),
      layout_(layout),
      tokens_(tokens),
      caller_(caller),
      fed_({{.hash = fed_nothing()}}) {}

ModelledSlot::~ModelledSlot() { device_.release_slot(caller_, tokens_, held_.elapsed_ms()); }

// Of items before a restored state nothing is known but what all of them cost.
double ModelledSlot::cost_ms(std::size_t items) const {
  check(items <= cached_items(), "a cost is of items that the slot holds");
  if (items >= first_) return fed_[items - first_].cost_ms;
  return fed_.front().cost_ms * layout_.tokens(items) / layout_.tokens(first_);
}

Result<double> ModelledSlot::spend(double ms) {
  if (ms <= 0) return 0;
  auto spent_ms = device_.work(caller_, ms);
  if (spent_ms) spent_ms_ += *spent_ms;
  return spent_ms;
}

bool ModelledSlot::restore(std::size_t items, const Blob& state, double cost_ms) {
  check(items < layout_.items().size(), "a prefix is shorter than its prompt");
  first_ = 0;
  fed_ = {{.hash = fed_nothing()}};
  const auto hash = fed_of(times_, items, layout_.tokens(items), state);
  if (!hash || !spend(state_in_ms(times_, layout_.tokens(items)))) return false;
  first_ = items;
  fed_.front() = {.hash = *hash, .cost_ms = cost_ms};
  return true;
}

Result<Key> ModelledSlot::tile_hash(const TileRef& tile, std::span<const std::vector<Blob>> embeddings) const {
  if (tile.image >= embeddings.size() || tile.number >= embeddings[tile.image].size())
    return fail(Fault::corrupt, std::format("tile {} of picture {} has no embedding", tile.number, tile.image));
  const Blob& embedding = embeddings[tile.image][tile.number];
  if (embedding.size() == times_.tile_bytes()) return told_apart(embedding.bytes());
  return fail(Fault::corrupt, std::format("tile {} takes an embedding of {} bytes, but {} were given", tile.number,
                                          times_.tile_bytes(), embedding.size()));
}

Result<void> ModelledSlot::prefill_tile(std::span<const std::vector<Blob>> embeddings) {
  const TileRef& tile = *layout_.items()[cached_items()].tile;
  const auto hash = tile_hash(tile, embeddings);
  if (!hash) return std::unexpected(hash.error());
  if (auto spent = spend(times_.image_prefill_ms); !spent) return std::unexpected(spent.error());
  fed_.push_back({.hash = hash_tile(fed_.back().hash, *hash, tile.number),
                  .cost_ms = fed_.back().cost_ms + times_.image_prefill_ms});
  return {};
}

// All text up to the next tile, at once.
Result<void> ModelledSlot::prefill_text() {
  const auto rest = layout_.items().subspan(cached_items());
  const auto end = std::ranges::find_if(rest, [](const PromptItem& item) { return item.tile.has_value(); });
  const auto text = rest.first(static_cast<std::size_t>(end - rest.begin()));
  const bool markup = end != rest.end() && text.size() <= markup_tokens_max;
  const double ms = markup ? 0 : text_prefill_ms(times_, static_cast<std::uint32_t>(text.size()));
  if (auto spent = spend(ms); !spent) return std::unexpected(spent.error());
  for (const PromptItem& item : text)
    fed_.push_back({.hash = hash_token(fed_.back().hash, item.token),
                    .cost_ms = fed_.back().cost_ms + ms / static_cast<double>(text.size())});
  return {};
}

Result<void> ModelledSlot::prefill(std::span<const std::vector<Blob>> embeddings, AttentionSummary* summary) {
  if (summary != nullptr) *summary = {.sum = AttentionSum(), .runs = {}};
  while (cached_items() < layout_.items().size()) {
    auto done = layout_.items()[cached_items()].tile ? prefill_tile(embeddings) : prefill_text();
    if (!done) return done;
  }
  return {};
}

// An answer that is drawn without a seed differs each time. One at temperature 0 has another text with each
// seed, unlike a real model's: the key of stored answers has the seed all the same.
Key ModelledSlot::answer_name(const GenerateOptions& options) const {
  KeyBuilder name("fovea/modelled-answer/1");
  name.field(fed_.back().hash).field(options.temperature).field(options.seed);
  if (!options.deterministic()) name.field(std::uint64_t{std::random_device{}()});
  return name.finish();
}

Result<Generation> ModelledSlot::generate(const GenerateOptions& options, const TokenCallback& on_token) {
  check(cached_items() == layout_.items().size(), "an answer follows a prompt that was prefilled");
  const std::uint32_t room = tokens_ - layout_.tokens();
  const std::uint32_t allowed = std::min(room, static_cast<std::uint32_t>(std::max(options.max_tokens, 0)));
  const std::uint32_t length = std::min(allowed, times_.answer_tokens);
  const std::vector<std::int32_t> tokens = made_answer(times_, answer_name(options), length);
  AnswerText text(options.stop);
  Generation generation;
  const auto tell_token = [&] {
    const std::int32_t token = tokens[static_cast<std::size_t>(generation.tokens++)];
    const std::string_view certain = text.push(modelled_token_text(token));
    if (on_token) on_token({token, {}}, certain);
    return !text.stopped();
  };
  // The prompt gives the first token.
  const std::uint32_t steps = length > 0 && tell_token() ? length - 1 : 0;
  const auto spent_ms = device_.decode(caller_, steps, tell_token);
  if (!spent_ms) return std::unexpected(spent_ms.error());
  spent_ms_ += *spent_ms;
  const std::string_view rest = text.finish();
  if (on_token && !rest.empty()) on_token({no_token, {}}, rest);
  generation.text = text.text();
  generation.stop = text.stopped_by();
  generation.finish_reason =
      length < times_.answer_tokens && !text.stopped() ? FinishReason::length : FinishReason::stop;
  return generation;
}

std::optional<Blob> ModelledSlot::snapshot(std::size_t items, std::uint64_t bytes_max) {
  check(items > 0 && items <= cached_items(), "a snapshot is of items that the slot holds");
  const std::uint32_t tokens = layout_.tokens(items);
  if (!times_.has_states() || items < first_ || state_bytes(times_, tokens) > bytes_max) return std::nullopt;
  if (!spend(state_out_ms(times_, tokens))) return std::nullopt;
  return made_state(times_, items, tokens, fed_[items - first_].hash);
}

}  // namespace fovea
