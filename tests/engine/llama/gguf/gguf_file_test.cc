#include "engine/llama/gguf/gguf_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "engine/llama/gguf/model_shape.h"
#include "engine/models.h"
#include "engine/mutilation.h"

namespace fovea::llama {
namespace {

class GgufFileTest : public testing::Test {
 protected:
  // The error that opening a file with these bytes gives.
  Error refusal(std::string_view bytes) {
    const auto path = folder.path() / "file.gguf";
    std::ofstream(path, std::ios::binary) << bytes;
    const Result<GgufFile> file = GgufFile::open(path);
    EXPECT_FALSE(file);
    return file ? Error{Fault::internal, ""} : file.error();
  }

  test::ScratchFolder folder;
};

TEST_F(GgufFileTest, ReadsTheHeadOfARealModel) {
  const auto file = GgufFile::open(test::tiny_model);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->text("general.architecture"), "llama");
  EXPECT_EQ(file->truth("tokenizer.ggml.add_bos_token"), false);
  EXPECT_EQ(file->type("llama.block_count"), GgufType::u32);
  EXPECT_EQ(file->texts("tokenizer.ggml.tokens").size(), file->array_size("tokenizer.ggml.token_type"));
  EXPECT_EQ(file->integers("tokenizer.ggml.token_type").size(), file->array_size("tokenizer.ggml.tokens"));
  const DecoderShape shape = read_decoder_shape(*file);
  const GgufTensor* embeddings = file->find_tensor("token_embd.weight");
  ASSERT_NE(embeddings, nullptr);
  EXPECT_EQ(embeddings->extent(0), shape.width);
  EXPECT_EQ(embeddings->extent(1), shape.vocabulary);
  EXPECT_EQ(embeddings->extent(2), 1);
  EXPECT_LE(embeddings->offset + embeddings->bytes, file->size());
}

TEST_F(GgufFileTest, FloatsAreReadAsTheyLie) {
  const auto file = GgufFile::open(test::tiny_mmproj);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->floats("clip.vision.image_std"), (std::vector<float>{0.5F, 0.5F, 0.5F}));
}

TEST_F(GgufFileTest, AnAbsentOrOtherwiseTypedKeyHasNoValue) {
  const auto file = GgufFile::open(test::tiny_model);
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->has("no.such.key"));
  EXPECT_FALSE(file->text("llama.block_count"));
  EXPECT_FALSE(file->integer("general.architecture"));
  EXPECT_FALSE(file->number("llama.block_count"));
  EXPECT_FALSE(file->truth("llama.block_count"));
  EXPECT_FALSE(file->integer("tokenizer.ggml.token_type"));
  EXPECT_TRUE(file->texts("llama.block_count").empty());
  EXPECT_TRUE(file->integers("tokenizer.ggml.tokens").empty());
  EXPECT_TRUE(file->floats("tokenizer.ggml.token_type").empty());
  EXPECT_TRUE(file->floats("no.such.key").empty());
  EXPECT_EQ(file->find_tensor("no.such.tensor"), nullptr);
}

TEST_F(GgufFileTest, SaysWhatIsThereInsteadOfAModel) {
  EXPECT_EQ(GgufFile::open(folder.path() / "nothing.gguf").error().fault, Fault::not_found);
  EXPECT_TRUE(GgufFile::open(folder.path()).error().message.contains("is a folder"));
  EXPECT_TRUE(GgufFile::open("/dev/zero").error().message.contains("is not a file"));
  EXPECT_TRUE(refusal("").message.contains("is empty"));
  EXPECT_TRUE(refusal("a letter to nobody in particular").message.contains("not a GGUF file"));
  EXPECT_TRUE(refusal("GGUF").message.contains("cut short"));
}

}  // namespace
}  // namespace fovea::llama
