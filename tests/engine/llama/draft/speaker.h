// Speaker: a model with its decoder, as in an engine, that says answers with drafts and without. For tests
// that compare the two. Only say() is thread-safe.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "engine/llama/backend.h"
#include "engine/llama/decode/llama_slot.h"
#include "engine/models.h"
#include "engine/prefix_hash.h"

namespace fovea::llama {

using Tokens = std::vector<std::int32_t>;

constexpr float answer_rounding = 0.05F;  // of a logit; those of these models differ by tens

struct Said {
  Generation generation;
  Tokens tokens;
  std::vector<std::vector<float>> logits;  // of each token
};

// A model with its decoder, as in an engine.
class Speaker {
 public:
  explicit Speaker(LlamaOptions options) {
    if (options.model.empty()) options.model = test::tiny_model, options.mmproj = test::tiny_mmproj;
    thread.run([&] { loaded.emplace(LoadedModel::load(options).value()); });
    decoder.emplace(*loaded);
    thread.decode_with([this] { return decoder->step(); });
  }

  Said say(const std::string& text, const GenerateOptions& options, std::vector<DraftText> drafts = {}) {
    return say({.parts = {text}}, {}, options, std::move(drafts));
  }

  // About a picture of 64 x 64 pixels, whose embedding is made up.
  Said say_of_picture(const std::string& text, const GenerateOptions& options, std::vector<DraftText> drafts = {}) {
    return say({.parts = {ImageSlot{0}, text}}, {{64, 64}}, options, std::move(drafts));
  }

  Said say(const Prompt& prompt, const std::vector<ImageSize>& pictures, const GenerateOptions& options,
           std::vector<DraftText> drafts) {
    const auto layout = LlamaLayout::make(*loaded, prompt, pictures).value();
    std::unique_ptr<SlotTask> task(new SlotTask{
        .layout = *layout,
        .prefix_hashes = hash_prefixes(Key{}, layout->items(), std::vector<Key>(pictures.size())),
        .cells = layout->tokens() + static_cast<std::uint32_t>(options.max_tokens),
        .caller = {},
    });
    const auto slot = LlamaSlot::acquire(thread, *decoder, *loaded, std::move(task)).value();
    cached_items = slot->cached_items();
    Said said;
    const TokenCallback on_token = [&](const Token& token, std::string_view) {
      if (token.id < 0) return;
      said.tokens.push_back(token.id);
      said.logits.emplace_back(token.logits.begin(), token.logits.end());
    };
    EXPECT_TRUE(slot->prefill(embeddings_of(*layout), nullptr));
    slot->draft_from(std::move(drafts));
    said.generation = slot->generate(options, on_token).value();
    return said;
  }

  std::vector<std::vector<Blob>> embeddings_of(const LlamaLayout& layout) const {
    std::vector<std::vector<Blob>> embeddings(1);
    const auto width = static_cast<std::size_t>(llama_model_n_embd_inp(loaded->model.get()));
    for (std::size_t item = 0; item < layout.items().size(); ++item) {
      if (!layout.items()[item].tile) continue;
      std::vector<float> numbers(mtmd_input_chunk_get_n_tokens(&layout.tile(item)) * width);
      for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = std::sin(static_cast<float>(i * (item + 1)));
      embeddings[0].push_back(Blob::copy_of(std::as_bytes(std::span(numbers))));
    }
    return embeddings;
  }

  // An answer that goes on until it has all its tokens.
  GenerateOptions endless(std::int32_t tokens) const {
    GenerateOptions options{.max_tokens = tokens};
    for (llama_token token = 0; token < llama_vocab_n_tokens(loaded->vocab()); ++token) {
      if (llama_vocab_is_eog(loaded->vocab(), token)) options.logit_bias.push_back({token, -100});
    }
    return options;
  }

  // The tokens that a fresh sampler chooses from the logits of `said`.
  Tokens chosen_again(const Said& said, const GenerateOptions& options) const {
    Sampler sampler = Sampler::make(*loaded->vocab(), options, options.max_tokens).value();
    Tokens tokens;
    const AbortGuard guard;
    for (const auto& logits : said.logits) tokens.push_back(sampler.sample(logits));
    return tokens;
  }

  std::optional<LoadedModel> loaded;
  std::optional<Decoder> decoder;
  EngineThread thread;  // last, so that it ends first
  std::atomic<std::size_t> cached_items = 0;
};

inline void expect_equal_but_for_rounding(const Said& drafted, const Said& plain) {
  const auto [ours, theirs] = std::ranges::mismatch(drafted.tokens, plain.tokens);
  if (theirs == plain.tokens.end() || ours == drafted.tokens.end()) {
    EXPECT_EQ(drafted.tokens.size(), plain.tokens.size());
    return;
  }
  const auto& logits = plain.logits[static_cast<std::size_t>(theirs - plain.tokens.begin())];
  EXPECT_NEAR(logits[static_cast<std::size_t>(*ours)], logits[static_cast<std::size_t>(*theirs)], answer_rounding)
      << "at token " << theirs - plain.tokens.begin();
}

inline LlamaOptions options_of(DraftMode mode, std::uint32_t parallel = 1) {
  return {.threads = 1, .ctx_size = 1024, .parallel = parallel, .drafts = mode};
}

}  // namespace fovea::llama
