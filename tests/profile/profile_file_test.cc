// What was written is read again, and what would divide by zero or mislead is refused with a sentence.
#include "profile/profile_file.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/scratch_folder.h"
#include "profile/example_profile.h"

namespace fovea {
namespace {

using test::example_profile;

TEST(ProfileFile, IsReadAsItWasWritten) {
  const auto folder = ScratchFolder::make("fovea-profile-test");
  ASSERT_TRUE(folder);
  const auto path = folder->path() / "below" / "mine.json";
  Profile two = example_profile();
  two.models.push_back(test::example_model("other"));
  two.models.back().state.reset();
  two.models.back().state_obstacle = "it \"cannot\"\n";
  ASSERT_TRUE(write_profile(two, path));
  const auto read = read_profile(path);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(two));
  EXPECT_EQ(read->models[1].state_obstacle, two.models[1].state_obstacle);
  EXPECT_FALSE(read->models[1].state);
  EXPECT_EQ(read->models[0].state->bytes, 3'000'000u);
  EXPECT_EQ(read->models[0].batches[2].ms, 20);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path.parent_path()), {}), 1) << "nothing unfinished";
}

TEST(ProfileFile, OfAnotherVersionSaysSo) {
  const auto read = parse_profile(R"({"fovea_profile":2,"models":"otherwise"})", "new.json");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().fault, Fault::unsupported);
  EXPECT_TRUE(read.error().message.contains("new.json: a profile of version 2")) << read.error().message;
}

TEST(ProfileFile, FieldsOfLaterProgramsArePassedOver) {
  std::string json = to_json(example_profile());
  json.insert(1, R"("later":{"a":[1]},)");
  EXPECT_TRUE(parse_profile(json, "p"));
}

TEST(ProfileFile, WhatIsNoProfileIsRefused) {
  for (const char* json :
       {"", "{", "[]", "{}", "null", R"({"name":"smolvlm","tile_bytes":1})", R"({"fovea_profile":"1"})"}) {
    const auto read = parse_profile(json, "bad.json");
    ASSERT_FALSE(read) << json;
    EXPECT_EQ(read.error().fault, Fault::invalid) << json;
    EXPECT_TRUE(read.error().message.starts_with("bad.json: not a profile")) << read.error().message;
  }
}

TEST(ProfileFile, HalfAFileIsRefused) {
  const std::string json = to_json(example_profile());
  for (std::size_t length = 0; length + 2 < json.size(); length += 37)
    EXPECT_FALSE(parse_profile(json.substr(0, length), "half.json")) << length;
}

TEST(ProfileFile, NumbersOutOfTheirRangeAreNamed) {
  const auto wrong = [](const char* field, const std::function<void(Profile&)>& change) {
    Profile profile = example_profile();
    change(profile);
    const auto read = parse_profile(to_json(profile), "p.json");
    ASSERT_FALSE(read) << field;
    EXPECT_EQ(read.error().fault, Fault::invalid);
    EXPECT_TRUE(read.error().message.contains(field)) << field << ": " << read.error().message;
    EXPECT_TRUE(read.error().message.contains("fovea profile -o p.json")) << read.error().message;
  };
  wrong("models", [](Profile& p) { p.models.clear(); });
  wrong("vision_fingerprint", [](Profile& p) { p.models[0].vision_fingerprint = "f00"; });
  wrong("text_fingerprint", [](Profile& p) { p.models[0].text_fingerprint = ""; });
  wrong("tile_bytes", [](Profile& p) { p.models[0].tile_bytes = 0; });
  wrong("tiles", [](Profile& p) { p.models[0].tiles = 0; });
  wrong("encode_ms", [](Profile& p) { p.models[0].encode_ms = -1; });
  wrong("prefill", [](Profile& p) { p.models[0].prefill.clear(); });
  wrong("prefill", [](Profile& p) { p.models[0].prefill[0].tokens = 0; });
  wrong("batches", [](Profile& p) { p.models[0].batches.erase(p.models[0].batches.begin()); });
  wrong("batches", [](Profile& p) { p.models[0].batches[1].ms = 0; });
  wrong("batches", [](Profile& p) { p.models[0].batches[2].tokens = 2; });
  wrong("state", [](Profile& p) { p.models[0].state->bytes = 0; });
  wrong("threads", [](Profile& p) { p.models[0].threads[0].threads = 0; });
  wrong("load", [](Profile& p) { p.models[0].load.hit_ms = 1e300; });
  wrong("load", [](Profile& p) { p.models[0].load.width = 0; });
  wrong("tiers", [](Profile& p) { p.tiers[0].bytes_per_ms = 0; });
  wrong("memory", [](Profile& p) { p.memory[0].bytes_per_ms = -5; });
}

TEST(ProfileFile, AFileThatIsNotThereOrCannotBeWrittenSaysSo) {
  EXPECT_EQ(read_profile("/no/such/profile.json").error().fault, Fault::not_found);
  const auto written = write_profile(example_profile(), "/proc/no/profile.json");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().fault, Fault::unavailable);
}

TEST(ProfileFile, AModelIsFoundByBothFingerprints) {
  Profile profile = example_profile();
  profile.models.push_back(test::example_model("other"));
  const auto key = [](const std::string& hex) { return *Key::from_hex(hex); };
  const ModelTimes &one = profile.models[0], &other = profile.models[1];
  EXPECT_EQ(find_model(profile, key(one.vision_fingerprint), key(one.text_fingerprint)), &one);
  EXPECT_EQ(find_model(profile, key(other.vision_fingerprint), key(other.text_fingerprint)), &other);
  EXPECT_EQ(find_model(profile, key(one.vision_fingerprint), key(other.text_fingerprint)), nullptr);
}

}  // namespace
}  // namespace fovea
