#include "serve/model/completion_request.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;
using test::outcome;

Parsed<CompletionRequest> asked(const std::string& fields, const RequestRules& rules = {}) {
  return read_completion_request(body_of("{" + fields + "}"), rules);
}

TEST(CompletionRequest, TakesATextOrTokens) {
  const auto text = asked(R"("prompt":"Once <|x|> upon","max_tokens":5,"temperature":0,"model":"m")");
  ASSERT_TRUE(text) << outcome(text);
  ASSERT_EQ(text->prompts.size(), 1U);
  EXPECT_EQ(text->prompts[0].prompt.parts, std::vector<PromptPart>{"Once <|x|> upon"});
  EXPECT_EQ(text->asked.options.max_tokens, 5);
  EXPECT_EQ(text->asked.model, "m");
  EXPECT_EQ(asked(R"("prompt":[1,2,3])")->prompts.at(0).tokens, (std::vector<std::int32_t>{1, 2, 3}));
}

TEST(CompletionRequest, TakesSeveralPromptsUpToTheirLimit) {
  const auto several = asked(R"("prompt":["a",[1,2],"b"],"n":2)");
  ASSERT_TRUE(several) << outcome(several);
  ASSERT_EQ(several->prompts.size(), 3U);
  EXPECT_EQ(several->prompts[1].tokens, (std::vector<std::int32_t>{1, 2}));
  EXPECT_EQ(several->asked.choices, 2U);
  EXPECT_EQ(outcome(asked(R"("prompt":["a","b","c"],"n":3)")), "invalid_value prompt");
}

TEST(CompletionRequest, PutsPicturesAtTheirMarkers) {
  const auto request = asked(R"("prompt":{"prompt_string":"<__media__>A<__media__>B",
      "multimodal_data":["QUJD","data:image/png;base64,REVG"]})");
  ASSERT_TRUE(request) << outcome(request);
  const CompletionPrompt& prompt = request->prompts.at(0);
  EXPECT_EQ(prompt.prompt.parts, (std::vector<PromptPart>{ImageSlot{0}, "A", ImageSlot{1}, "B"}));
  ASSERT_EQ(prompt.images.size(), 2U);
  EXPECT_EQ(std::get<Blob>(prompt.images[0].from).text(), "ABC");
  EXPECT_EQ(std::get<Blob>(prompt.images[1].from).text(), "DEF");
  EXPECT_EQ(prompt.images[1].where, "prompt.multimodal_data[1]");
}

TEST(CompletionRequest, AMarkerIsAPlaceOnlyInAPromptThatMayHavePictures) {
  EXPECT_EQ(asked(R"("prompt":{"prompt_string":"A"})")->prompts.at(0).prompt.parts, std::vector<PromptPart>{"A"});
  EXPECT_EQ(outcome(asked(R"("prompt":{"prompt_string":"A<__media__>","multimodal_data":[]})")),
            "invalid_value prompt.prompt_string");
  EXPECT_EQ(outcome(asked(R"("prompt":{"prompt_string":"<__media__><__media__>","multimodal_data":["QUJD"]})")),
            "invalid_value prompt.prompt_string");
  EXPECT_EQ(asked(R"("prompt":"<__media__>")")->prompts.at(0).prompt.parts, std::vector<PromptPart>{"<__media__>"});
}

TEST(CompletionRequest, RefusesByThePlace) {
  EXPECT_EQ(outcome(asked("")), "missing_required_parameter prompt");
  EXPECT_EQ(outcome(asked(R"("prompt":7)")), "invalid_type prompt");
  EXPECT_EQ(outcome(asked(R"("prompt":[])")), "invalid_value prompt");
  EXPECT_EQ(outcome(asked(R"("prompt":[1,"a"])")), "invalid_type prompt");
  EXPECT_EQ(outcome(asked(R"("prompt":[-1])")), "invalid_type prompt");
  EXPECT_EQ(outcome(asked(R"("prompt":["a",7])")), "invalid_type prompt[1]");
  EXPECT_EQ(outcome(asked(R"("prompt":{})")), "invalid_value prompt.prompt_string");
  EXPECT_EQ(outcome(asked(R"("prompt":{"prompt_string":"A","multimodal_data":["QUJD"]})")),
            "invalid_value prompt.prompt_string");
  EXPECT_EQ(outcome(asked(R"("prompt":{"prompt_string":"A","multimodal_data":"QUJD"})")),
            "invalid_type prompt.multimodal_data");
  EXPECT_EQ(outcome(asked(R"("prompt":{"prompt_string":"<__media__>","multimodal_data":["QUJD"]})", {.images_max = 0})),
            "too_many_images prompt.multimodal_data[0]");
  EXPECT_EQ(outcome(asked(R"("prompt":"a","suffix":"b")")), "unsupported_parameter suffix");
}

TEST(CompletionRequest, CountsLogProbabilities) {
  EXPECT_EQ(asked(R"("prompt":"a")")->asked.top_logprobs, std::nullopt);
  EXPECT_EQ(asked(R"("prompt":"a","logprobs":0)")->asked.top_logprobs, 0);
  EXPECT_EQ(outcome(asked(R"("prompt":"a","logprobs":21)")), "invalid_value logprobs");
  EXPECT_EQ(outcome(asked(R"("prompt":"a","logprobs":1,"echo":true)")), "unsupported_value logprobs");
  EXPECT_TRUE(asked(R"("prompt":"a","echo":true)")->echo);
}

}  // namespace
}  // namespace fovea::serve
