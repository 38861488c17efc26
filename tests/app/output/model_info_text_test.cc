#include "app/output/model_info_text.h"

#include <gtest/gtest.h>

#include <glaze/glaze.hpp>

namespace fovea::app {
namespace {

llama::ModelInfo decoder() {
  return {.path = "model.gguf",
          .file_bytes = 1'000'000,
          .name = "A model",
          .architecture = "llama",
          .parameters = 1'500'000,
          .types = {{"q8_0", 10, 1'200'000}, {"f32", 5, 300'000}},
          .decoder = llama::DecoderShape{.layers = 6, .width = 192, .heads = 4, .heads_kv = 2, .context = 2048},
          .has_chat_template = true,
          .fingerprint = KeyBuilder("model").finish()};
}

llama::ModelInfo encoder() {
  return {.path = "mmproj.gguf",
          .file_bytes = 2048,
          .architecture = "clip",
          .parameters = 812,
          .types = {{"f32", 1, 812}},
          .vision = llama::VisionShape{.projector = "idefics3",
                                       .layers = 2,
                                       .width = 64,
                                       .heads = 4,
                                       .ffn = 256,
                                       .image_size = 64,
                                       .patch_size = 8,
                                       .merge = 2,
                                       .image_size_max = 128},
          .tile_tokens = 16,
          .tile_bytes = 16 * 192 * 4,
          .token_width = 192,
          .has_chat_template = false,
          .fingerprint = KeyBuilder("mmproj").finish()};
}

TEST(ModelInfoText, ADecoder) {
  const std::string text = model_info_text(decoder());
  for (const char* line :
       {"model.gguf\n  name          A model\n  kind          decoder\n", "\n  parameters    1.50 M (1500000)\n",
        "\n  quantisation  q8_0 80 %, f32 20 %\n", "\n  layers        6\n", "\n  width         192\n",
        "\n  heads         4, 2 for keys and values\n", "\n  context       2048 tokens\n", "\n  chat template yes\n"})
    EXPECT_TRUE(text.contains(line)) << line << '\n' << text;
  EXPECT_FALSE(text.contains("vocabulary")) << "the file does not state it";
  EXPECT_TRUE(text.contains(decoder().fingerprint.hex() + "\n"));
}

TEST(ModelInfoText, AVisionEncoder) {
  const std::string text = model_info_text(encoder());
  for (const char* line :
       {"\n  kind          vision encoder (mmproj)\n", "\n  projector     idefics3\n",
        "\n  width         64, 256 inside a layer\n", "\n  image size    64 x 64 pixels in patches of 8 x 8\n",
        "\n  tiles         pictures are scaled to 128 pixels", "\n  tokens        16 a tile\n",
        "\n  embedding     12288 bytes a tile (16 x 192 x 4)\n"})
    EXPECT_TRUE(text.contains(line)) << line << '\n' << text;
  EXPECT_FALSE(text.contains("  name ")) << "it has none";
}

TEST(ModelInfoText, JsonLeavesOutWhatAFileDoesNotState) {
  glz::generic json;
  ASSERT_FALSE(glz::read_json(json, model_info_json(decoder())));
  EXPECT_EQ(json["parameters"].get<double>(), 1'500'000);
  EXPECT_EQ(json["types"][0]["type"].get<std::string>(), "q8_0");
  EXPECT_EQ(json["decoder"]["heads_kv"].get<double>(), 2);
  EXPECT_FALSE(json.contains("vision"));
  llama::ModelInfo whole = encoder();
  whole.vision->image_size_max = 0;
  whole.tile_tokens = std::nullopt;
  ASSERT_FALSE(glz::read_json(json, model_info_json(whole)));
  EXPECT_EQ(json["vision"]["projector"].get<std::string>(), "idefics3");
  EXPECT_FALSE(json["vision"].contains("image_size_max"));
  EXPECT_FALSE(json["vision"].contains("tile_tokens"));
}

TEST(ModelInfoText, CountsHaveThreeDigits) {
  const std::pair<std::uint64_t, const char*> cases[] = {{0, "0"},
                                                         {812, "812"},
                                                         {999, "999"},
                                                         {1000, "1.00 K"},
                                                         {93'140'000, "93.1 M"},
                                                         {999'600, "1.00 M"},
                                                         {137'000, "137 K"},
                                                         {6'740'000'000, "6.74 B"}};
  for (const auto& [count, text] : cases) EXPECT_EQ(count_text(count), text);
}

}  // namespace
}  // namespace fovea::app
