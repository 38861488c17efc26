// Damaged model files must never end the process: each is refused with a sentence, or still answers. Damage
// that passes the checks is tried on the real libraries, in a child process.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <format>
#include <fstream>
#include <limits>
#include <random>

#include "base/sanitized.h"
#include "engine/llama/gguf/validate.h"
#include "engine/llama/synth/synth.h"
#include "engine/models.h"
#include "engine/mutilation.h"
#include "engine/small_shape.h"

namespace fovea::llama {
namespace {

using test::Outcome;

class Mutilated : public testing::Test {
 protected:
  Result<void> validate() const { return validate_pair(decoder.path(), mmproj.path()); }

  // Expects a refusal whose sentence starts with the path of `file`, in quotes.
  void expect_refused(const test::MutilatedFile& file, const std::string& damage) const {
    const Result<void> valid = validate();
    ASSERT_FALSE(valid) << damage;
    EXPECT_TRUE(valid.error().message.starts_with(std::format("'{}' ", file.path().string())))
        << damage << ": " << valid.error().message;
  }

  // Expects a refusal by the checks, or that the libraries survive the pair.
  void expect_survived(const std::string& damage) {
    if (const Result<void> valid = validate(); !valid) {
      EXPECT_FALSE(valid.error().message.empty()) << damage;
      ++refused;
      return;
    }
    ++tried;
    EXPECT_NE(test::ask_in_child(decoder.path(), mmproj.path()), Outcome::died) << damage;
  }

  // Flips bits in [from, to) of the head for each seed, or for a tenth of them under a sanitizer; what passes
  // the checks is tried `tries_max` times at most.
  void flip_bits(test::MutilatedFile& file, std::size_t from, std::size_t to, std::uint32_t seeds, int tries_max) {
    for (std::uint32_t seed = 0; seed < (test::sanitized ? seeds / 10 : seeds); ++seed) {
      std::mt19937 random(seed);
      std::string damage = std::format("seed {}:", seed);
      for (std::uint32_t flips = 1 + seed % 3; flips > 0; --flips) {
        const std::size_t byte = from + random() % (to - from);
        const int bit = static_cast<int>(random() % 8);
        damage += std::format(" byte {} bit {}", byte, bit);
        file.flip_bit(byte, bit);
      }
      if (tried < tries_max || !validate()) expect_survived(damage);
      file.restore();
    }
    EXPECT_GT(refused, 0);
    EXPECT_GT(tried, 0);
  }

  test::ScratchFolder folder;
  test::MutilatedFile decoder{test::tiny_model, folder.path() / "decoder.gguf"};
  test::MutilatedFile mmproj{test::tiny_mmproj, folder.path() / "mmproj.gguf"};
  int refused = 0;
  int tried = 0;
};

TEST_F(Mutilated, AnUnharmedCopyAnswers) {
  ASSERT_TRUE(validate()) << validate().error().message;
  EXPECT_EQ(test::ask_in_child(decoder.path(), mmproj.path()), Outcome::answered);
}

TEST_F(Mutilated, EveryTruncationIsRefused) {
  for (test::MutilatedFile* file : {&decoder, &mmproj}) {
    std::mt19937 random(1);
    std::vector<std::size_t> lengths{file->size() - 1, file->size() / 2, file->head_bytes() + 1, file->head_bytes(),
                                     file->head_bytes() - 40};
    for (int i = 0; i < 100; ++i) lengths.push_back(random() % file->head_bytes());
    for (std::size_t length = 0; length < 64; ++length) lengths.push_back(length);
    std::ranges::sort(lengths, std::greater());
    for (std::size_t length : lengths) {
      file->truncate(length);
      expect_refused(*file, std::format("cut to {} bytes", length));
    }
    file->restore();
  }
}

TEST_F(Mutilated, FlippedBitsInTheVisionEncodersHead) { flip_bits(mmproj, 0, mmproj.head_bytes(), 3000, 40); }

// The vocabulary is most of the head, so the parts before and after it get flips of their own.
TEST_F(Mutilated, FlippedBitsInTheDecodersMetadata) {
  flip_bits(decoder, 0, decoder.position_of("tokenizer.ggml.tokens"), 1000, 30);
}
TEST_F(Mutilated, FlippedBitsInTheDecodersVocabulary) {
  flip_bits(decoder, decoder.position_of("tokenizer.ggml.tokens"), decoder.position_of("tokenizer.ggml.bos_token_id"),
            300, 30);
}
TEST_F(Mutilated, FlippedBitsInTheDecodersTensorList) {
  flip_bits(decoder, decoder.position_of("tokenizer.ggml.bos_token_id"), decoder.head_bytes(), 1000, 30);
}

TEST_F(Mutilated, AbsurdNumbersInTheVisionEncoder) {
  for (const char* key : {"clip.vision.image_size", "clip.vision.patch_size", "clip.vision.embedding_length",
                          "clip.vision.feed_forward_length", "clip.vision.block_count",
                          "clip.vision.attention.head_count", "clip.vision.projection_dim"}) {
    for (std::uint32_t value : {0u, 1u, 3u, 5u, 24u, 97u, 127u, 4096u, 1u << 16, 1u << 31, ~0u}) {
      mmproj.set_u32(key, value);
      expect_survived(std::format("{} = {}", key, value));
      mmproj.restore();
    }
  }
  EXPECT_GE(refused, 40);
}

TEST_F(Mutilated, AbsurdNumbersInTheDecoder) {
  for (const char* key :
       {"llama.block_count", "llama.context_length", "llama.embedding_length", "llama.feed_forward_length",
        "llama.attention.head_count", "llama.attention.head_count_kv", "llama.rope.dimension_count", "llama.vocab_size",
        "tokenizer.ggml.bos_token_id", "tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"}) {
    for (std::uint32_t value : {0u, 1u, 3u, 64u, 1247u, 1248u, 1u << 20, 1u << 31, ~0u}) {
      decoder.set_u32(key, value);
      expect_survived(std::format("{} = {}", key, value));
      decoder.restore();
    }
  }
  EXPECT_GE(refused, 40);
}

TEST_F(Mutilated, AbsurdFractions) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (float value : {-1.0f, 0.0f, 2.0f, 1e30f, infinity, std::nanf("")}) {
    mmproj.set_f32("clip.vision.attention.layer_norm_epsilon", value);
    expect_survived(std::format("vision epsilon {}", value));
    mmproj.restore();
    for (const char* key : {"llama.attention.layer_norm_rms_epsilon", "llama.rope.freq_base"}) {
      decoder.set_f32(key, value);
      expect_survived(std::format("{} = {}", key, value));
      decoder.restore();
    }
  }
}

TEST_F(Mutilated, MissingTensors) {
  const auto try_each = [this](test::MutilatedFile& file, std::initializer_list<std::string> names) {
    for (const std::string& name : names) {
      std::string other = name;
      other.front() = 'x';
      file.rename(name, other);
      expect_survived("without " + name);
      file.restore();
    }
  };
  try_each(decoder, {"token_embd.weight", "output_norm.weight", "output.weight", "blk.0.attn_q.weight",
                     "blk.3.attn_norm.weight", "blk.5.ffn_down.weight"});
  EXPECT_EQ(refused, 5) << "output.weight alone may be missing";
  refused = 0;
  try_each(mmproj,
           {"v.patch_embd.weight", "v.position_embd.weight", "v.blk.0.attn_q.weight", "v.blk.1.attn_out.weight",
            "v.blk.3.ln1.weight", "v.blk.2.ffn_up.weight", "v.blk.2.ffn_down.weight", "mm.0.weight", "mm.1.weight"});
  EXPECT_EQ(refused, 9);
  try_each(mmproj, {"v.patch_embd.bias", "v.post_ln.weight", "v.post_ln.bias", "v.blk.0.attn_q.bias",
                    "v.blk.0.ln2.bias", "v.blk.0.ffn_up.bias", "mm.0.bias", "mm.1.bias"});
}

TEST_F(Mutilated, ReshapedTensors) {
  // Shapes with as many elements as before, so that the file's layout still holds.
  const auto reshape = [this](test::MutilatedFile& file, const std::string& name, std::uint64_t first,
                              std::uint64_t second) {
    file.set_extent(name, 0, first);
    file.set_extent(name, 1, second);
    expect_refused(file, std::format("{} as {} x {}", name, first, second));
    file.restore();
  };
  reshape(decoder, "blk.0.attn_q.weight", 64, 256);
  reshape(decoder, "blk.5.ffn_up.weight", 384, 128);
  reshape(decoder, "token_embd.weight", 1248, 128);
  reshape(mmproj, "v.blk.0.attn_k.weight", 256, 64);
  reshape(mmproj, "v.blk.3.ffn_up.weight", 64, 1024);
  reshape(mmproj, "v.position_embd.weight", 64, 128);
  reshape(mmproj, "mm.0.weight", 64, 256);
  reshape(mmproj, "mm.1.weight", 256, 64);
}

// A pair whose pictures become several tiles, with special tokens between them.
class MutilatedTiles : public Mutilated {
 protected:
  void SetUp() override {
    const auto written = synthesise(test::small_idefics3(), {.directory = folder.path() / "idefics3"});
    ASSERT_TRUE(written) << written.error().message;
    decoder = test::MutilatedFile(written->decoder, folder.path() / "tiles.gguf");
    mmproj = test::MutilatedFile(written->mmproj, folder.path() / "tiles-mmproj.gguf");
  }
};

TEST_F(MutilatedTiles, AnUnharmedCopyAnswers) {
  EXPECT_EQ(test::ask_in_child(decoder.path(), mmproj.path()), Outcome::answered);
}

TEST_F(MutilatedTiles, FlippedBitsInTheVisionEncodersHead) { flip_bits(mmproj, 0, mmproj.head_bytes(), 1000, 40); }

TEST_F(MutilatedTiles, AbsurdNumbersInTheVisionEncoder) {
  for (const char* key : {"clip.vision.image_size", "clip.vision.patch_size", "clip.vision.projector.scale_factor",
                          "clip.vision.preproc_image_size", "clip.vision.attention.head_count"}) {
    for (std::uint32_t value : {0u, 1u, 3u, 4u, 63u, 65u, 100u, 1u << 14, ~0u}) {
      mmproj.set_u32(key, value);
      expect_survived(std::format("{} = {}", key, value));
      mmproj.restore();
    }
  }
  EXPECT_GE(refused, 25);
}

// A decoder whose tensors only libllama checks.
class MutilatedWindows : public Mutilated {
 protected:
  void SetUp() override {
    const auto written = synthesise(test::small_windowed(), {.directory = folder.path() / "windowed"});
    ASSERT_TRUE(written) << written.error().message;
    decoder = test::MutilatedFile(written->decoder, folder.path() / "windows.gguf");
    mmproj = test::MutilatedFile(written->mmproj, folder.path() / "windows-mmproj.gguf");
  }
};

TEST_F(MutilatedWindows, AnUnharmedCopyAnswers) {
  ASSERT_TRUE(validate()) << validate().error().message;
  EXPECT_EQ(test::ask_in_child(decoder.path(), mmproj.path()), Outcome::answered);
}

TEST_F(MutilatedWindows, AbsurdNumbersInTheDecoder) {
  for (const char* key : {"gemma3.attention.sliding_window", "gemma3.block_count", "gemma3.embedding_length",
                          "gemma3.feed_forward_length", "gemma3.attention.head_count", "gemma3.attention.head_count_kv",
                          "gemma3.rope.dimension_count", "gemma3.context_length"}) {
    for (std::uint32_t value : {0u, 1u, 3u, 64u, 1248u, 1u << 20, 1u << 31, ~0u}) {
      decoder.set_u32(key, value);
      expect_survived(std::format("{} = {}", key, value));
      decoder.restore();
    }
  }
  EXPECT_GT(refused, 0);
  EXPECT_GT(tried, 0);
}

TEST_F(MutilatedWindows, FlippedBitsInTheDecodersTensorList) {
  flip_bits(decoder, decoder.position_of("tokenizer.ggml.bos_token_id"), decoder.head_bytes(), 300, 40);
}

}  // namespace
}  // namespace fovea::llama
