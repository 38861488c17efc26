// The bundled model proposes: what it holds, where it has no room, and which files are refused. What it says
// is compared to what it says of the same text at once.
#include "engine/llama/draft/draft_model.h"

#include <gtest/gtest.h>

#include <format>
#include <numeric>
#include <string>
#include <vector>

#include "base/owned.h"
#include "base/scratch_folder.h"
#include "engine/llama/backend.h"
#include "engine/llama/synth/synth.h"
#include "engine/models.h"
#include "engine/small_shape.h"

namespace fovea::llama {
namespace {

using Tokens = std::vector<llama_token>;

Tokens counted(llama_token first, std::size_t tokens) {
  Tokens text(tokens);
  std::iota(text.begin(), text.end(), first);
  return text;
}

class DraftModels : public testing::Test {
 protected:
  DraftModels() {
    start_backend();
    llama_model_params params = llama_model_default_params();
    params.vocab_only = true;
    model.reset(llama_model_load_from_file(test::tiny_model.c_str(), params));
  }

  // Proposes whatever it thinks likeliest.
  DraftModelOptions options(std::uint32_t ctx_size = 512) const {
    return {.file = test::tiny_model,
            .ctx_size = ctx_size,
            .sequences = 2,
            .probability_min = 0,
            .model_file = test::tiny_model,
            .on_failure = {}};
  }
  std::unique_ptr<DraftModel> loaded(const DraftModelOptions& options) const {
    return DraftModel::load(options, *llama_model_get_vocab(model.get())).value();
  }
  Error refusal(const std::filesystem::path& file) const {
    DraftModelOptions wrong = options();
    wrong.file = file;
    const auto draft = DraftModel::load(wrong, *llama_model_get_vocab(model.get()));
    EXPECT_FALSE(draft) << file;
    return draft ? Error{} : draft.error();
  }

  static DraftAsk asked(DraftModel& draft, llama_seq_id sequence, const Tokens& text, std::size_t tokens) {
    DraftAsk ask{.sequence = sequence, .text = text, .tokens_max = tokens};
    draft.propose({&ask, 1});
    return ask;
  }

  const Tokens text = counted(300, 20);
  Owned<llama_model, llama_model_free> model;  // the vocabulary alone
};

TEST_F(DraftModels, ProposesWhatItWouldSayAfterEachToken) {
  const auto draft = loaded(options());
  const DraftAsk all = asked(*draft, 0, text, 4);
  ASSERT_TRUE(all.answered);
  ASSERT_FALSE(all.proposed.empty()) << "the text does not end with the end of an answer";
  Tokens longer = text;
  for (const llama_token token : all.proposed) {
    const DraftAsk one = asked(*draft, 1, longer, 1);
    EXPECT_EQ(one.proposed, Tokens{token});
    longer.push_back(token);
  }
}

TEST_F(DraftModels, ReadsOnlyWhatIsNew) {
  const auto draft = loaded(options());
  EXPECT_EQ(draft->unread(0, text), text.size());
  const DraftAsk first = asked(*draft, 0, text, 3);
  EXPECT_EQ(draft->unread(0, text), 1u) << "the last token is read again, to see what follows";
  Tokens longer = text;
  longer.insert(longer.end(), first.proposed.begin(), first.proposed.end());
  longer.push_back(5);
  EXPECT_LE(draft->unread(0, longer), 2u) << "the last proposal and the token behind it";
  Tokens other = text;
  other[10] = 5;
  EXPECT_EQ(draft->unread(0, other), 10u);
  EXPECT_EQ(asked(*draft, 0, other, 3).proposed, asked(*draft, 1, other, 3).proposed);
}

TEST_F(DraftModels, AnotherConversationIsForgotten) {
  const auto draft = loaded(options());
  const Key mine = KeyBuilder("mine").finish(), theirs = KeyBuilder("theirs").finish();
  draft->begin(0, mine);
  asked(*draft, 0, text, 1);
  draft->end(0);
  draft->begin(0, mine);
  EXPECT_EQ(draft->unread(0, text), 1u);
  draft->begin(0, theirs);
  EXPECT_EQ(draft->unread(0, text), text.size());
  asked(*draft, 0, text, 1);
  draft->purge();
  EXPECT_EQ(draft->unread(0, text), text.size());
}

TEST_F(DraftModels, AConversationWithoutANameIsNotKept) {
  const auto draft = loaded(options());
  draft->begin(0, std::nullopt);
  asked(*draft, 0, text, 1);
  EXPECT_EQ(draft->unread(0, text), 1u);
  draft->end(0);
  EXPECT_EQ(draft->unread(0, text), text.size());
}

TEST_F(DraftModels, ALongTextIsReadInSeveralSteps) {
  const auto draft = loaded(options());
  const Tokens longer = counted(300, BatchCosts::rows_max + 20);
  const DraftAsk first = asked(*draft, 0, longer, 2);
  EXPECT_FALSE(first.answered);
  EXPECT_EQ(draft->unread(0, longer), 20u);
  const DraftAsk second = asked(*draft, 0, longer, 2);
  EXPECT_TRUE(second.answered);
  EXPECT_FALSE(second.proposed.empty());
}

TEST_F(DraftModels, SeveralAreAskedAtOnce) {
  const auto draft = loaded(options()), alone = loaded(options());
  const Tokens other = counted(400, 9);
  DraftAsk asks[] = {{.sequence = 0, .text = text, .tokens_max = 4}, {.sequence = 1, .text = other, .tokens_max = 2}};
  draft->propose(asks);
  EXPECT_EQ(asks[0].proposed, asked(*alone, 0, text, 4).proposed);
  EXPECT_EQ(asks[1].proposed, asked(*alone, 1, other, 2).proposed);
}

TEST_F(DraftModels, WithoutRoomNothingIsProposed) {
  const auto draft = loaded(options(32));
  EXPECT_TRUE(draft->fits(32));
  EXPECT_FALSE(draft->fits(33));
  EXPECT_FALSE(asked(*draft, 0, text, 13).answered);
  EXPECT_TRUE(asked(*draft, 0, text, 12).answered);
  DraftAsk both[] = {{.sequence = 0, .text = text, .tokens_max = 2}, {.sequence = 1, .text = text, .tokens_max = 2}};
  draft->propose(both);
  EXPECT_TRUE(both[0].answered);
  EXPECT_FALSE(both[1].answered) << "what is asked for in the same step is not dropped";
  EXPECT_TRUE(asked(*draft, 1, text, 2).answered);
  EXPECT_EQ(draft->unread(0, text), text.size()) << "but what is not";
  EXPECT_TRUE(draft->works());
}

TEST_F(DraftModels, TokensOfOthersAreLeftRoomFor) {
  const auto draft = loaded(options(32));
  const Tokens half = counted(300, 10), other = counted(400, 10);
  DraftAsk asks[] = {{.sequence = 0, .text = half, .tokens_max = 8}, {.sequence = 1, .text = other, .tokens_max = 5}};
  draft->propose(asks);
  EXPECT_TRUE(asks[0].answered);
  EXPECT_FALSE(asks[1].answered);
  EXPECT_TRUE(draft->works());
}

TEST_F(DraftModels, ATextWithATokenThatItDoesNotHaveGetsNoProposal) {
  const auto draft = loaded(options());
  EXPECT_FALSE(asked(*draft, 0, {1, 1 << 20, 2}, 2).answered);
  EXPECT_TRUE(asked(*draft, 0, text, 2).answered);
}

TEST_F(DraftModels, ProposesNothingThatItIsNotSureOf) {
  DraftModelOptions sure = options();
  sure.probability_min = 1.1;
  const auto draft = loaded(sure);
  const DraftAsk ask = asked(*draft, 0, text, 2);
  EXPECT_TRUE(ask.answered);
  EXPECT_TRUE(ask.proposed.empty());
}

// Two asks of one sequence, which nobody makes, are a batch that the library refuses.
TEST_F(DraftModels, AFailureIsToldOnceAndEndsTheProposals) {
  std::vector<std::string> told;
  DraftModelOptions failing = options();
  failing.on_failure = [&](std::string_view why) { told.emplace_back(why); };
  const auto draft = loaded(failing);
  const Tokens other = counted(400, 9);
  DraftAsk asks[] = {{.sequence = 0, .text = text, .tokens_max = 2}, {.sequence = 0, .text = other, .tokens_max = 2}};
  draft->propose(asks);
  EXPECT_FALSE(draft->works());
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told.front().contains("the draft model failed")) << told.front();
  EXPECT_TRUE(asked(*draft, 1, text, 2).proposed.empty());
  draft->begin(0, std::nullopt);
  draft->end(0);
  draft->purge();
  EXPECT_EQ(told.size(), 1u);
}

TEST_F(DraftModels, KnowsItsTimesFromTheStart) {
  const auto draft = loaded(options());
  EXPECT_GT(draft->costs().cost(1), 0);
  EXPECT_GT(draft->read_ms(100), draft->read_ms(10));
}

TEST_F(DraftModels, WrongFilesAreRefused) {
  const ScratchFolder folder = ScratchFolder::make("fovea-draft-models-").value();
  const auto hybrid = synthesise(test::small_hybrid(), {.directory = folder.path()}).value();
  const auto other = synthesise(test::small_idefics3(), {.directory = folder.path()}).value();
  EXPECT_TRUE(refusal(hybrid.decoder).message.contains("taken back"));
  EXPECT_TRUE(refusal(other.decoder).message.contains("cannot draft for"));
  EXPECT_TRUE(refusal(test::tiny_mmproj).message.contains("vision encoder"));
  EXPECT_EQ(refusal(folder.path() / "none.gguf").fault, Fault::not_found);
}

TEST_F(DraftModels, AModelWithSlidingWindowsGoesBack) {
  const ScratchFolder folder = ScratchFolder::make("fovea-draft-models-").value();
  const auto pair = synthesise(test::small_gemma3(), {.directory = folder.path()}).value();
  llama_model_params params = llama_model_default_params();
  params.vocab_only = true;
  const Owned<llama_model, llama_model_free> windowed(llama_model_load_from_file(pair.decoder.c_str(), params));
  DraftModelOptions its_own = options();
  its_own.file = its_own.model_file = pair.decoder;
  const auto draft = DraftModel::load(its_own, *llama_model_get_vocab(windowed.get())).value();
  Tokens longer = counted(300, 50), other = longer;
  other[30] = 290;
  asked(*draft, 0, longer, 3);
  EXPECT_EQ(draft->unread(0, other), 20u);
  EXPECT_EQ(asked(*draft, 0, other, 3).proposed, asked(*draft, 1, other, 3).proposed);
}

}  // namespace
}  // namespace fovea::llama
