// AnswerDrafts: the drafts of one answer: what may come next, how likely that is, and what came of it. Used
// by one thread at a time; owns its texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/llama/draft/acceptance_rates.h"
#include "engine/llama/draft/model_trust.h"
#include "engine/llama/draft/ngram_drafter.h"
#include "engine/slot.h"

namespace fovea::llama {

class AnswerDrafts {
 public:
  // As NgramDrafter. `text` is what a draft model reads, up to where the answer begins; empty = there is no
  // model.
  AnswerDrafts(std::span<const std::int32_t> prompt, std::span<const DraftText> texts,
               std::vector<std::int32_t> text = {})
      : drafter_(prompt, texts), text_(std::move(text)) {}

  // For each of the next tokens, at most `tokens_max`, the odds that the guesses up to it are all right.
  std::vector<double> odds(std::size_t tokens_max) const;

  // Drafts the next `count` tokens, for which there are odds: they are in the batch that is computed next.
  void draft(std::size_t count);
  // Drafts what the draft model proposed, which was asked for `asked` tokens.
  void draft_proposed(std::vector<std::int32_t> tokens, std::size_t asked);
  // What was drafted last. Valid until the next call.
  std::span<const std::int32_t> drafted() const { return drafted_; }

  // The answer goes on with `token`. True if that was drafted, so that the row behind it counts too.
  bool append(std::int32_t token);

  DraftCounts counts() const { return counts_; }
  // Of counts(), those of the client's prediction.
  DraftCounts predicted() const { return predicted_; }

  // The conversation's text up to here, for the draft model, and how far that is relied on.
  std::span<const std::int32_t> text() const { return text_; }
  ModelTrust& trust() { return trust_; }

 private:
  NgramDrafter drafter_;
  AcceptanceRates rates_;
  std::vector<std::int32_t> text_;
  ModelTrust trust_;
  std::vector<std::int32_t> drafted_;
  std::size_t agreed_ = 0;  // of drafted_
  std::size_t asked_ = 0;   // tokens that the draft model was asked for; 0 = the draft is from a text
  DraftSource source_ = DraftSource::own;
  DraftCounts counts_, predicted_;
};

}  // namespace fovea::llama
