#include "audit/prompts/token_fit.h"

#include <gtest/gtest.h>

#include "trace/mixed_bits.h"

namespace fovea {
namespace {

TEST(TokenFit, WithoutUsageIsARuleOfThumb) {
  const TokenFit fit = TokenFitter().fit();
  EXPECT_DOUBLE_EQ(fit.tokens({.bytes = 400, .parts = 2, .picture_tokens = 64}), 100 + 8 + 64);
}

TEST(TokenFit, LearnsWhatUsageShows) {
  TokenFitter fitter;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    const double bytes = static_cast<double>(mixed_bits(i) % 5000), parts = static_cast<double>(1 + i % 7);
    fitter.see({bytes, parts, 128}, 0.3 * bytes + 12 * parts + 128);
  }
  const TokenFit fit = fitter.fit();
  EXPECT_NEAR(fit.per_byte, 0.3, 1e-4);
  EXPECT_NEAR(fit.per_part, 12, 1e-2);
  EXPECT_NEAR(fit.per_picture_token, 1, 1e-3);
}

// Nothing tells bytes and parts apart: the mean has to be right all the same.
TEST(TokenFit, OfEqualPromptsKeepsTheMean) {
  TokenFitter fitter;
  for (int i = 0; i < 10; ++i) fitter.see({.bytes = 40, .parts = 2, .picture_tokens = 128}, 182);
  EXPECT_NEAR(fitter.fit().tokens({.bytes = 40, .parts = 2, .picture_tokens = 128}), 182, 1e-9);
}

// The log's model takes 85 tokens of a picture for which the profile's takes 576.
TEST(TokenFit, PicturesMayTakeOtherTokensThanTheProfileSays) {
  TokenFitter fitter;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    const double bytes = static_cast<double>(mixed_bits(i) % 5000), pictures = static_cast<double>(i % 3);
    fitter.see({bytes, 1 + pictures, 576 * pictures}, 0.25 * bytes + 4 * (1 + pictures) + 85 * pictures);
  }
  EXPECT_NEAR(fitter.fit().per_picture_token, 85.0 / 576, 1e-3);
  EXPECT_NEAR(fitter.fit().per_byte, 0.25, 1e-3);
}

// One picture each: then nothing tells its tokens from those of the text, but the sum is the log's.
TEST(TokenFit, TheSumIsTheLogs) {
  TokenFitter fitter;
  for (int i = 0; i < 10; ++i) fitter.see({.bytes = 400, .parts = 2, .picture_tokens = 576}, 300);
  EXPECT_NEAR(fitter.fit().tokens({.bytes = 400, .parts = 2, .picture_tokens = 576}), 300, 1e-6);
}

TEST(TokenFit, StaysWithinWhatVocabulariesDo) {
  TokenFitter fitter;
  fitter.see({.bytes = 100, .parts = 1}, 100'000);
  fitter.see({.bytes = 10'000, .parts = 1}, 5);
  EXPECT_GE(fitter.fit().per_byte, 1.0 / 16);
  EXPECT_LE(fitter.fit().per_byte, 1);
  EXPECT_LE(fitter.fit().per_part, 256);
}

}  // namespace
}  // namespace fovea
