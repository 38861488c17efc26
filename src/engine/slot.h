// Slot: one request's place in the decoder, where its prompt is prefilled and its answer is decoded.
//
// A slot may already hold the beginning of the prompt, from another request: the cached prefix. It is
// recognised by its prefix hashes, so it is never mistaken for another. A slot is used by one thread, beside
// other slots; Caller::stop stops it at any time. Destroying it releases it, and the decoder keeps what it
// holds until the room is needed. Its engine and layout outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/attention_summary.h"
#include "fovea/blob.h"
#include "fovea/result.h"

namespace fovea {

struct GenerateOptions;

struct Token {
  std::int32_t id;
  std::span<const float> logits;  // [vocabulary], what it was chosen from; valid during the call only
};

// Is called for each generated token except the end-of-answer token, with the text that is now certain: whole
// characters, and nothing that may be the beginning of a stop string. That text may be empty. Runs on the
// engine's thread while all other answers wait: it must not wait, throw or call the engine.
using TokenCallback = std::function<void(const Token& token, std::string_view text)>;

enum class FinishReason : std::uint8_t { stop, length };

// What requests hold of a decoder.
struct SlotUse {
  std::uint32_t slots = 0;
  std::uint32_t tokens = 0;  // of the context, reserved for their prompts and answers
};

// Tokens that were guessed ahead of an answer and computed in one batch, and how many of them it then had.
struct DraftCounts {
  std::int32_t drafted = 0;
  std::int32_t accepted = 0;
};

// A text, as tokens, that an answer may repeat: an earlier answer, or what the client expects.
struct DraftText {
  std::vector<std::int32_t> tokens;
  bool prediction = false;  // the client's
};

struct Generation {
  std::string text;
  std::int32_t tokens = 0;
  FinishReason finish_reason = FinishReason::stop;
  std::string stop;            // the stop string that ended it; empty = none did
  DraftCounts drafts = {};     // of all sources
  DraftCounts predicted = {};  // of `drafts`, those from the client's prediction
};

class Slot {
 public:
  virtual ~Slot() = default;

  // How many items of the prompt, from its beginning, the slot holds and need not be prefilled.
  virtual std::size_t cached_items() const = 0;
  // Whether the decoder held a longer prefix that went on otherwise than this prompt.
  virtual bool diverged() const = 0;
  // How long it took to prefill the first `items` items, ms. Items that were generated as part of an answer
  // count as 0.
  // REQUIRES: items <= cached_items().
  virtual double cost_ms(std::size_t items) const = 0;

  // Restores the decoder's state behind the first `items` items, as snapshot(items) of a prompt with the same
  // prefix returned it. `cost_ms` is how long prefilling them took. False if `state` is damaged, of another
  // length, or of another shape than this context; the slot then holds nothing.
  // REQUIRES: items is less than the prompt's.
  virtual bool restore(std::size_t items, const Blob& state, double cost_ms) = 0;

  // Makes prefill() keep the state behind the first `items` items for snapshot(), if it takes at most
  // `bytes_max` and the model cannot go back to it later. Does nothing for a model that can.
  // REQUIRES: `items` ends with a tile or is all of the prompt; prefill() was not called yet.
  virtual void keep_state(std::size_t items, std::uint64_t bytes_max) = 0;

  // Prefills all items that the slot does not hold yet. `embeddings` are, for each image of the request,
  // those of its tiles, float32 [tokens x width] each; an image in the cached prefix needs none. `summary`,
  // if not null, is reset and then filled, here and by generate(); cached rows give no attention.
  // Faults: corrupt for embeddings of another number or shape than the prompt's; cancelled.
  virtual Result<void> prefill(std::span<const std::vector<Blob>> embeddings, AttentionSummary* summary) = 0;

  // Texts that the answer may repeat, the likeliest first. Tokens are drafted from them, from the prompt and
  // from the answer itself, where that is fast (VisionLanguageEngine::draft_obstacle). They change when the
  // answer comes, not which tokens it has, but for the rounding of a batch.
  // REQUIRES: generate() was not called yet.
  virtual void draft_from(std::vector<DraftText> texts) = 0;

  // Generates the answer.
  // REQUIRES: prefill() succeeded, and generate() was not called since.
  // Faults: cancelled; what was generated until then is lost.
  virtual Result<Generation> generate(const GenerateOptions& options, const TokenCallback& on_token) = 0;

  // How long the decoder computed for this slot so far, ms; of a batch for several slots, this slot's share.
  virtual double spent_ms() const = 0;

  // The decoder's state behind the first `items` items, for restore(); nullopt if the model cannot give it
  // (VisionLanguageEngine::prefix_obstacle), it was not kept (keep_state), or it takes more than `bytes_max`.
  // REQUIRES: items <= cached_items().
  virtual std::optional<Blob> snapshot(std::size_t items, std::uint64_t bytes_max) = 0;
};

}  // namespace fovea
