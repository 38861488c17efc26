#include "engine/llama/gguf/layer_list.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

using Layers = std::vector<bool>;

TEST(LayerList, NamesLayersAndRanges) {
  EXPECT_EQ(parse_layers("all", 3), (Layers{true, true, true}));
  EXPECT_EQ(parse_layers("1", 3), (Layers{false, true, false}));
  EXPECT_EQ(parse_layers("0-1,3", 4), (Layers{true, true, false, true}));
}

TEST(LayerList, RefusesWhatIsNone) {
  for (const char* text : {"", "x", "1,", "2-1", "-1", "1-", "0x1", "99999999999"})
    EXPECT_FALSE(parse_layers(text, 4)) << text;
  EXPECT_EQ(parse_layers("2-4", 4).error().message, "there is no layer 4: the model's layers are 0 to 3");
}

}  // namespace
}  // namespace fovea::llama
