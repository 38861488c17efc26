#include "engine/llama/gguf/model_info.h"

#include <gtest/gtest.h>

#include "engine/models.h"
#include "engine/mutilation.h"

namespace fovea::llama {
namespace {

class ModelInfoTest : public testing::Test {
 protected:
  ModelInfo info_of(const std::filesystem::path& path) { return read_model_info(path, memo).value(); }

  test::ScratchFolder folder;
  FingerprintMemo memo{folder.path()};
};

TEST_F(ModelInfoTest, DescribesADecoder) {
  const ModelInfo info = info_of(test::tiny_model);
  EXPECT_EQ(info.architecture, "llama");
  EXPECT_EQ(info.file_bytes, std::filesystem::file_size(test::tiny_model));
  EXPECT_TRUE(info.has_chat_template);
  ASSERT_TRUE(info.decoder);
  EXPECT_EQ(info.decoder->layers, 6u);
  EXPECT_FALSE(info.vision);
  EXPECT_FALSE(info.tile_tokens);
  EXPECT_EQ(info.fingerprint, fingerprint_file(test::tiny_model, memo).value());
}

TEST_F(ModelInfoTest, DescribesAVisionEncoderAndItsTiles) {
  const ModelInfo info = info_of(test::tiny_mmproj);
  EXPECT_EQ(info.architecture, "clip");
  EXPECT_FALSE(info.decoder);
  ASSERT_TRUE(info.vision);
  EXPECT_EQ(info.tile_tokens, 64u);
  EXPECT_EQ(info.token_width, 128u);
  EXPECT_EQ(info.tile_bytes, 64u * 128 * sizeof(float));
}

TEST_F(ModelInfoTest, TypesShareAllParametersTheLargestFirst) {
  for (const auto& path : {test::tiny_model, test::tiny_mmproj}) {
    const ModelInfo info = info_of(path);
    std::uint64_t parameters = 0;
    std::uint64_t last = UINT64_MAX;
    for (const ModelInfo::Share& share : info.types) {
      EXPECT_LE(share.parameters, last);
      last = share.parameters;
      parameters += share.parameters;
    }
    EXPECT_EQ(info.parameters, parameters);
    EXPECT_GT(parameters, 100'000u);
  }
}

TEST_F(ModelInfoTest, SaysWhatIsWrongWithAFile) {
  EXPECT_EQ(read_model_info(folder.path() / "none", memo).error().fault, Fault::not_found);
}

}  // namespace
}  // namespace fovea::llama
