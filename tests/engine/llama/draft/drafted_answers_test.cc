// Answers with drafts beside the same answers without: the tokens are the same, and every token is what the
// sampler chooses from the logits that were computed for it. A batch rounds in another way than a token
// alone, so where two tokens are equally likely to within that, either may follow.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "base/scratch_folder.h"
#include "engine/llama/backend.h"
#include "engine/llama/decode/llama_slot.h"
#include "engine/llama/synth/synth.h"
#include "engine/models.h"
#include "engine/prefix_hash.h"
#include "engine/small_shape.h"

namespace fovea::llama {
namespace {

using Tokens = std::vector<std::int32_t>;

constexpr float rounding = 0.05F;  // of a logit; those of these models differ by tens

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

void expect_equal_but_for_rounding(const Said& drafted, const Said& plain) {
  const auto [ours, theirs] = std::ranges::mismatch(drafted.tokens, plain.tokens);
  if (theirs == plain.tokens.end() || ours == drafted.tokens.end()) {
    EXPECT_EQ(drafted.tokens.size(), plain.tokens.size());
    return;
  }
  const auto& logits = plain.logits[static_cast<std::size_t>(theirs - plain.tokens.begin())];
  EXPECT_NEAR(logits[static_cast<std::size_t>(*ours)], logits[static_cast<std::size_t>(*theirs)], rounding)
      << "at token " << theirs - plain.tokens.begin();
}

Tokens with_every_third_wrong(Tokens tokens) {
  for (std::size_t i = 2; i < tokens.size(); i += 3) tokens[i] = tokens[i] == 5 ? 6 : 5;
  return tokens;
}

LlamaOptions options_of(DraftMode mode, std::uint32_t parallel = 1) {
  return {.threads = 1, .ctx_size = 1024, .parallel = parallel, .drafts = mode};
}

class DraftedAnswers : public testing::Test {
 protected:
  Speaker plain{options_of(DraftMode::off)};
  Speaker drafting{options_of(DraftMode::on)};
  const std::string question = "What color is the square? It is";
};

TEST_F(DraftedAnswers, RightDraftsAreAllAccepted) {
  const GenerateOptions options = plain.endless(40);
  const Said expected = plain.say(question, options);
  ASSERT_EQ(expected.tokens.size(), 40u);
  EXPECT_EQ(expected.generation.drafts.drafted, 0);
  const Said said = drafting.say(question, options, {{.tokens = expected.tokens, .prediction = true}});
  EXPECT_EQ(said.tokens, expected.tokens);
  EXPECT_EQ(said.generation.text, expected.generation.text);
  EXPECT_EQ(said.generation.drafts.accepted, said.generation.drafts.drafted);
  EXPECT_GE(said.generation.drafts.accepted, 32) << "of 40, one in each step is not drafted";
  EXPECT_EQ(said.generation.predicted.accepted, said.generation.drafts.accepted);
}

TEST_F(DraftedAnswers, WrongDraftsChangeNothing) {
  const GenerateOptions options = plain.endless(40);
  const Said expected = plain.say(question, options);
  for (const Tokens& text : {with_every_third_wrong(expected.tokens), Tokens(60, 5), Tokens{-7, 1 << 30, 3, -1}}) {
    const Said said = drafting.say(question, options, {{.tokens = text}});
    expect_equal_but_for_rounding(said, expected);
    EXPECT_LT(said.generation.drafts.accepted, said.generation.drafts.drafted);
    EXPECT_EQ(said.generation.predicted.drafted, 0);
  }
}

TEST_F(DraftedAnswers, EachTokenIsWhatTheSamplerChoosesFromItsLogits) {
  GenerateOptions hot = plain.endless(24), penalised = plain.endless(24), json{.max_tokens = 40};
  hot.temperature = 2;
  hot.top_p = 0.95;
  hot.seed = 7;
  penalised.frequency_penalty = 1.5;
  penalised.presence_penalty = 0.5;
  json.json_schema = R"({"type": "object", "properties": {"color": {"type": "string"}, "n": {"type": "integer"}},
                         "required": ["color", "n"], "additionalProperties": false})";
  for (const GenerateOptions& options : {hot, penalised, json}) {
    const Said expected = plain.say(question, options);
    for (const Tokens& text : {expected.tokens, with_every_third_wrong(expected.tokens)}) {
      const Said said = drafting.say(question, options, {{.tokens = text}});
      EXPECT_GT(said.generation.drafts.drafted, 0);
      EXPECT_EQ(said.tokens, drafting.chosen_again(said, options));
    }
  }
}

TEST_F(DraftedAnswers, AnswersEndWhereTheyWould) {
  GenerateOptions options = plain.endless(40);
  const Said whole = plain.say(question, options);
  const std::vector<DraftText> text = {{.tokens = whole.tokens}};
  for (const std::int32_t tokens_max : {1, 2, 7, 39}) {
    GenerateOptions shorter = options;
    shorter.max_tokens = tokens_max;
    const Said said = drafting.say(question, shorter, text);
    EXPECT_EQ(said.tokens, Tokens(whole.tokens.begin(), whole.tokens.begin() + tokens_max));
    EXPECT_EQ(said.generation.finish_reason, FinishReason::length);
    EXPECT_LT(said.generation.drafts.drafted, tokens_max);
  }
  options.stop = {whole.generation.text.substr(whole.generation.text.size() / 2, 3)};
  const Said expected = plain.say(question, options), said = drafting.say(question, options, text);
  EXPECT_EQ(said.generation.text, expected.generation.text);
  EXPECT_EQ(said.generation.stop, options.stop.front());
  EXPECT_EQ(said.tokens, expected.tokens) << "no token behind the one that ended it";
  const Said ended = drafting.say("What is red?", {}, text), own_end = plain.say("What is red?", {});
  EXPECT_EQ(ended.tokens, own_end.tokens);
  EXPECT_EQ(ended.generation.finish_reason, FinishReason::stop);
}

TEST_F(DraftedAnswers, ASequenceHoldsNothingOfWrongDrafts) {
  const GenerateOptions options = plain.endless(20);
  const std::vector<DraftText> wrong = {{.tokens = Tokens(40, 5)}};
  const Said first = drafting.say(question, options, wrong);
  ASSERT_LT(first.generation.drafts.accepted, first.generation.drafts.drafted);
  const std::string longer = question + first.generation.text + " and then";
  const Said expected = plain.say(longer, options), said = drafting.say(longer, options, wrong);
  EXPECT_GT(drafting.cached_items,
            LlamaLayout::make(*drafting.loaded, {.parts = {question}}, {}).value()->items().size())
      << "the answer is a part of the cached prefix";
  expect_equal_but_for_rounding(said, expected);
}

TEST_F(DraftedAnswers, SeveralAreDraftedInOneStep) {
  Speaker together(options_of(DraftMode::automatic, 3));
  const GenerateOptions options = plain.endless(30);
  const std::vector<std::string> questions = {"What color is it?", "Name a shape:", "How many are there?"};
  std::vector<Said> said(questions.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < questions.size(); ++i) {
      threads.emplace_back([&, i] {
        const Said expected = together.say(questions[i], options);
        said[i] = together.say(questions[i], options, {{.tokens = expected.tokens}});
      });
    }
  }
  for (std::size_t i = 0; i < questions.size(); ++i)
    expect_equal_but_for_rounding(said[i], plain.say(questions[i], options));
}

class SynthesisedModel : public testing::Test {
 protected:
  Speaker speaker_of(const ModelShape& shape, DraftMode mode) {
    const auto pair = synthesise(shape, {.directory = folder.path()}).value();
    LlamaOptions options = options_of(mode);
    options.model = pair.decoder;
    options.mmproj = pair.mmproj;
    return Speaker(options);
  }
  ScratchFolder folder = ScratchFolder::make("fovea-drafts-").value();
};

TEST_F(SynthesisedModel, AnswersAreTheSame) {
  // Of Qwen's kind a picture has fewer positions than tokens.
  for (const ModelShape& shape : {test::small_idefics3(), test::small_windowed(), test::small_qwen25()}) {
    Speaker plain = speaker_of(shape, DraftMode::off), drafting = speaker_of(shape, DraftMode::on);
    const GenerateOptions options = plain.endless(30);
    const Said expected = plain.say_of_picture("abc", options);
    for (const Tokens& text : {expected.tokens, with_every_third_wrong(expected.tokens)}) {
      const Said said = drafting.say_of_picture("abc", options, {{.tokens = text}});
      EXPECT_GT(said.generation.drafts.accepted, 0) << shape.name;
      expect_equal_but_for_rounding(said, expected);
    }
  }
}

TEST_F(SynthesisedModel, AModelThatCannotGoBackGetsNoDrafts) {
  Speaker hybrid = speaker_of(test::small_hybrid(), DraftMode::on);
  EXPECT_TRUE(hybrid.loaded->draft_obstacle.contains("taken back"));
  const Said said = hybrid.say_of_picture("abc", hybrid.endless(10), {{.tokens = Tokens(40, 5)}});
  EXPECT_EQ(said.tokens.size(), 10u);
  EXPECT_EQ(said.generation.drafts.drafted, 0);
}

TEST(DraftObstacle, AnAnswerWhoseAttentionIsObservedGetsNoDrafts) {
  LlamaOptions options = options_of(DraftMode::on);
  options.attention_layers = "all";
  Speaker watched(options);
  EXPECT_TRUE(watched.loaded->draft_obstacle.contains("attention"));
  EXPECT_TRUE(Speaker(options_of(DraftMode::on)).loaded->draft_obstacle.empty());
  const Said said = watched.say("abc", watched.endless(10), {{.tokens = Tokens(40, 5)}});
  EXPECT_EQ(said.tokens.size(), 10u);
  EXPECT_EQ(said.generation.drafts.drafted, 0);
}

}  // namespace
}  // namespace fovea::llama
