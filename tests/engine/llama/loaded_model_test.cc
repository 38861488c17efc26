// Options that no model can be loaded with; what loads is tested by LlamaEngine.
#include "engine/llama/loaded_model.h"

#include <gtest/gtest.h>

#include "engine/models.h"

namespace fovea::llama {
namespace {

Error refusal(LlamaOptions options) {
  options.model = test::tiny_model;
  options.mmproj = test::tiny_mmproj;
  const auto loaded = LoadedModel::load(options);
  EXPECT_FALSE(loaded);
  return loaded ? Error{Fault::internal, ""} : loaded.error();
}

TEST(LoadedModel, HasOneSequenceForEachSlotAndASpareOne) {
  const auto loaded = LoadedModel::load({.model = test::tiny_model, .mmproj = test::tiny_mmproj, .parallel = 3});
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->parallel, 3u);
  EXPECT_EQ(llama_n_seq_max(loaded->context.get()), 4u);
  EXPECT_EQ(loaded->tap, nullptr);
  EXPECT_EQ(loaded->prefix_obstacle, "");
}

TEST(LoadedModel, RefusesImpossibleNumbersOfSlots) {
  for (const std::uint32_t parallel : {0u, LlamaOptions::parallel_max + 1}) {
    const Error error = refusal({.parallel = parallel});
    EXPECT_EQ(error.fault, Fault::invalid);
    EXPECT_TRUE(error.message.contains("in parallel")) << error.message;
  }
}

TEST(LoadedModel, AttentionNeedsOneSlotAndLayersThatThereAre) {
  EXPECT_TRUE(refusal({.parallel = 2, .attention_layers = "all"}).message.contains("1 in parallel, not 2"));
  EXPECT_TRUE(refusal({.attention_layers = "99"}).message.contains("there is no layer 99"));
}

}  // namespace
}  // namespace fovea::llama
