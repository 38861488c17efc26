// Model profiles: the bundled ones, draws that depend on nothing but the image and the seed, and invalid
// documents.
#include "trace/model_profile.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>

namespace fovea {
namespace {

TEST(ModelProfile, TheBundledOnesAreRead) {
  int read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/samples/profiles")) {
    const auto profile = read_model_profile(entry.path().string());
    ASSERT_TRUE(profile) << profile.error().message;
    EXPECT_EQ(profile->name, entry.path().stem()) << "a profile has the name of its file";
    EXPECT_FALSE(profile->note.empty()) << "a profile says where its numbers come from";
    ++read;
  }
  EXPECT_GE(read, 3);
}

TEST(ModelProfile, ImagesFollowTheShares) {
  const auto profile = read_model_profile(FOVEA_SOURCE_DIR "/samples/profiles/smolvlm-256m.json");
  ASSERT_TRUE(profile);
  std::array<int, 18> count{};
  for (std::uint64_t image = 0; image < 10'000; ++image) {
    const ImageTerms terms = image_terms(*profile, image, 1);
    ASSERT_LT(terms.tiles, count.size());
    ++count[terms.tiles];
    EXPECT_EQ(terms.bytes, terms.tiles * 147'456);
    EXPECT_EQ(terms.encode_ms, terms.tiles * 3700);
    EXPECT_EQ(terms.prefill_ms, terms.tiles * 200);
  }
  EXPECT_NEAR(count[9], 1500, 150);
  EXPECT_NEAR(count[13], 7000, 200);
  EXPECT_NEAR(count[17], 1500, 150);
  EXPECT_EQ(count[9] + count[13] + count[17], 10'000);
}

TEST(ModelProfile, AnswersSpreadAroundTheirMedian) {
  const auto profile = read_model_profile(FOVEA_SOURCE_DIR "/samples/profiles/smolvlm-256m.json");
  ASSERT_TRUE(profile);
  int shorter = 0;
  int twice = 0;
  for (std::uint64_t question = 0; question < 10'000; ++question) {
    const AnswerTerms terms = answer_terms(*profile, question, 1);
    EXPECT_GE(terms.tokens, 1u);
    EXPECT_EQ(terms.bytes, 200 + 4 * terms.tokens);
    EXPECT_EQ(terms.generate_ms, 13 * terms.tokens);
    shorter += terms.tokens < 8 ? 1 : 0;
    twice += terms.tokens >= 18 ? 1 : 0;  // one standard deviation above: 8 exp(0.8) = 17.8
  }
  EXPECT_NEAR(shorter, 4680, 200) << "rounding takes some of the lower half to 8";
  EXPECT_NEAR(twice, 1587, 200);
}

TEST(ModelProfile, DrawsDependOnTheImageAndTheSeedAlone) {
  const auto profile = read_model_profile(FOVEA_SOURCE_DIR "/samples/profiles/smolvlm-256m.json");
  ASSERT_TRUE(profile);
  int same = 0;
  for (std::uint64_t image = 0; image < 1000; ++image) {
    EXPECT_EQ(image_terms(*profile, image, 4).tiles, image_terms(*profile, image, 4).tiles);
    same += answer_terms(*profile, image, 4).tokens == answer_terms(*profile, image, 5).tokens ? 1 : 0;
  }
  EXPECT_LT(same, 300);
}

TEST(ModelProfile, AnErrorNamesItsField) {
  const std::string rest = R"("encode_ms_per_tile": 1, "prefill_ms_per_tile": 1, "ms_per_answer_token": 1})";
  for (const auto& [json, why] :
       {std::pair<std::string, std::string>{"", "not a model profile"},
        {"[]", "not a model profile"},
        {R"({"tiels": 3})", "not a model profile"},
        {"{}", "tile_bytes"},
        {R"({"tile_bytes": 1, "tiles": [], )" + rest, "tiles"},
        {R"({"tile_bytes": 1, "tiles": [{"tiles": 0, "share": 1}], )" + rest, "tiles"},
        {R"({"tile_bytes": 1, "tiles": [{"tiles": 1, "share": 0.5}], )" + rest, "must add up to 1"},
        {R"({"tile_bytes": 1, "tiles": [{"tiles": 1, "share": 1}], "answer_tokens_median": 0, )" + rest,
         "answer_tokens_median"},
        {R"({"tile_bytes": 1, "tiles": [{"tiles": 1, "share": 1}], "answer_tokens_spread": 1e99, )" + rest,
         "answer_tokens_spread"}}) {
    const auto profile = parse_model_profile(json, "a profile");
    ASSERT_FALSE(profile) << json;
    EXPECT_TRUE(profile.error().message.starts_with("a profile: ")) << profile.error().message;
    EXPECT_TRUE(profile.error().message.contains(why)) << profile.error().message;
  }
  EXPECT_EQ(read_model_profile("/nowhere").error().fault, Fault::not_found);
}

}  // namespace
}  // namespace fovea
