// NgramDrafter: guesses how an answer goes on, by finding what it says now in other texts: what a client
// predicts, earlier answers about the same images, the prompt, and the answer so far.
//
// It has at most one place at a time, and follows it as long as the answer agrees. Where the answer differs
// in one token, it tries the same text behind that token, as in "a red circle" and "a blue circle". Not
// thread-safe; owns copies of the texts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/llama/draft/draft_source.h"
#include "engine/llama/draft/ngram_index.h"
#include "engine/slot.h"

namespace fovea::llama {

// How the answer may go on.
struct Guess {
  std::span<const std::int32_t> tokens;  // valid until the drafter changes; empty = no guess
  DraftSource source = DraftSource::own;
  std::uint32_t run = 0;  // tokens before it that agreed
};

class NgramDrafter {
 public:
  // Of longer prompts, and of longer texts in all, the rest is not looked at.
  static constexpr std::size_t prompt_tokens_max = 8192;
  static constexpr std::size_t text_tokens_max = 16384;

  // `prompt` ends where the answer begins; `texts` are the likeliest first. Negative tokens are never
  // guessed, nor is what is behind them.
  NgramDrafter(std::span<const std::int32_t> prompt, std::span<const DraftText> texts);

  Guess guess() const;
  // The answer goes on with `token`.
  void append(std::int32_t token);

 private:
  struct Followed {
    DraftSource source;
    TextPlace place;
  };

  const NgramIndex& index_of(DraftSource source) const { return source == DraftSource::own ? own_ : given_; }
  bool has_next(const Followed& followed) const;
  std::optional<Followed> find() const;
  std::optional<Followed> advanced(std::int32_t token) const;

  NgramIndex own_;    // one text: the prompt and the answer
  NgramIndex given_;  // the others, the likeliest last
  std::vector<DraftSource> given_sources_;
  std::optional<Followed> followed_;
};

}  // namespace fovea::llama
