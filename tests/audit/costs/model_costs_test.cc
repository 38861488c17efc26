#include "audit/costs/model_costs.h"

#include <gtest/gtest.h>

#include "profile/example_profile.h"
#include "profile/request_cost.h"

namespace fovea {
namespace {

const ModelTimes model = test::example_model();

// A request like the profile's takes what the profile predicts of it.
TEST(ModelCosts, AgreeWithTheProfileAboutItsOwnRequests) {
  const ModelCosts costs(model);
  const PictureWork picture = costs.picture(512, 512);
  const double text = model.load.prompt_tokens - model.load.image_tokens;
  const double answer = costs.generate_ms(model.load.answer_tokens);
  const double opened = double{picture.open_ms} + picture.preprocess_ms;
  const double whole = costs.prefill_ms(text, picture.tokens);
  EXPECT_NEAR(costs.around_ms() + opened + picture.encode_ms + whole + answer, request_ms(model, Found::uncached),
              1e-3);
  EXPECT_NEAR(costs.around_ms() + opened + picture.hash_ms + picture.encode_once_ms + whole + answer +
                  costs.state_out_ms(model.state->tokens),
              request_ms(model, Found::nothing), 1e-3);
  EXPECT_NEAR(costs.known_around_ms() + whole + answer, request_ms(model, Found::embedding), 1e-3);
  const double question = model.load.prompt_tokens - model.state->tokens;
  EXPECT_NEAR(
      costs.known_around_ms() + costs.state_in_ms(model.state->tokens) + costs.prefill_behind_ms(question, 0) + answer,
      request_ms(model, Found::prefix), 1e-3);
  EXPECT_NEAR(costs.hit_ms(), request_ms(model, Found::response), 1e-9);
}

TEST(ModelCosts, OfUnknownSizeIsAPictureOfTheProfile) {
  const ModelCosts costs(model);
  EXPECT_EQ(costs.picture(0, 0).tiles, model.tiles);
  EXPECT_FLOAT_EQ(costs.picture(0, 0).tokens, 128);
  EXPECT_FLOAT_EQ(costs.picture(0, 0).encode_once_ms, costs.picture(0, 0).encode_ms) << "nobody saw equal tiles in it";
  EXPECT_LT(costs.picture(200, 100).encode_once_ms, costs.picture(200, 100).encode_ms);
  EXPECT_EQ(costs.picture(200, 100).tiles, model.tiles);  // the model scales small ones up
}

// 4 x 3 tiles of 512 and an overview.
TEST(ModelCosts, LargePicturesHaveMoreTiles) {
  const ModelCosts costs(model);
  const PictureWork large = costs.picture(2000, 1500);
  EXPECT_EQ(large.tiles, 13U);
  EXPECT_FLOAT_EQ(large.tokens, 13 * 64);
  EXPECT_FLOAT_EQ(large.encode_once_ms, 13 * 4000);  // none of them are known to be equal
  EXPECT_EQ(costs.picture(20'000, 20'000).tiles, 17U);
  EXPECT_DOUBLE_EQ(costs.embedding_bytes(large), 13 * 150'000.0);
}

TEST(ModelCosts, AModelOfOneTileScalesEveryPictureToIt) {
  ModelTimes one = model;
  one.tiles = 1;
  EXPECT_EQ(ModelCosts(one).picture(4000, 3000).tiles, 1U);
}

TEST(ModelCosts, TextsAreInterpolated) {
  const ModelCosts costs(model);  // prompts of 16 tokens take 40 ms, of 512 800 ms
  EXPECT_DOUBLE_EQ(costs.prefill_ms(0, 0), 0);
  EXPECT_DOUBLE_EQ(costs.prefill_ms(16, 0), 40);
  EXPECT_DOUBLE_EQ(costs.prefill_ms(264, 0), 420);
  EXPECT_DOUBLE_EQ(costs.prefill_ms(1008, 0), 1560);
}

TEST(ModelCosts, AModelWithoutStatesKeepsNone) {
  ModelTimes hybrid = model;
  hybrid.state.reset();
  const ModelCosts costs(hybrid);
  EXPECT_FALSE(costs.has_states());
  EXPECT_EQ(costs.state_bytes(100), 0);
}

}  // namespace
}  // namespace fovea
