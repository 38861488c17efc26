// What was written is read again, and what would divide by zero or mislead is refused with a sentence.
#include "profile/profile_file.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <functional>

#include "base/scratch_folder.h"
#include "profile/example_profile.h"
#include "profile/modelled_times.h"

namespace fovea {
namespace {

using test::example_profile;

TEST(ProfileFile, IsReadAsItWasWritten) {
  const auto folder = ScratchFolder::make("fovea-profile-test");
  ASSERT_TRUE(folder);
  const auto path = folder->path() / "mine.json";
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
    EXPECT_TRUE(read.error().message.contains("Measure again")) << read.error().message;
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

TEST(ProfileFile, ANumberThatWasLeftOutIsMissingAndNotZero) {
  const std::string whole = to_json(example_profile());
  for (const std::string field : {R"("encode_ms":4000,)", R"("image_prefill_ms":120,)", R"("hit_ms":0.5)",
                                  R"("wait_ms":0.25,)", R"("decode_ms":18)", R"("machine":"a machine",)"}) {
    std::string json = whole;
    const std::size_t at = json.find(field);
    ASSERT_NE(at, std::string::npos) << field << " in " << json;
    // The last field of an object takes the comma before it along.
    const bool last = !field.ends_with(',');
    json.erase(last ? at - 1 : at, field.size() + (last ? 1 : 0));
    const auto read = parse_profile(json, "p.json");
    ASSERT_FALSE(read) << field;
    EXPECT_EQ(read.error().fault, Fault::invalid);
    const std::string name = field.substr(1, field.find('"', 1) - 1);
    EXPECT_TRUE(read.error().message.starts_with("p.json: " + name + " is missing")) << read.error().message;
  }
}

TEST(ProfileFile, WhatFilesBeforeLackedIsOptional) {
  Profile profile = example_profile();
  profile.models[0].context_tokens = 2048;
  profile.models[0].kernels = "f32";
  profile.source = "elsewhere";
  const auto read = parse_profile(to_json(profile), "p");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->models[0].context_tokens, 2048u);
  EXPECT_EQ(read->models[0].kernels, "f32");
  EXPECT_EQ(read->source, "elsewhere");
  const auto before = parse_profile(to_json(example_profile()), "p");
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_FALSE(before->models[0].context_tokens);
  EXPECT_FALSE(before->source);
}

TEST(ProfileFile, DevicesThatComeWithTheProgramAreRead) {
  std::size_t devices = 0;
  for (const auto& file : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/samples/devices")) {
    const auto read = read_profile(file.path());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(read->source && read->source->contains("docs/devices.md")) << file.path();
    ASSERT_EQ(read->models.size(), 2U) << file.path();
    for (const ModelTimes& model : read->models) {
      EXPECT_EQ(modelled_times(*read, model).tile_tokens, model.name == "llava-1.5-7b" ? 576U : 64U) << file.path();
      EXPECT_TRUE(modelled_times(*read, model).has_states()) << file.path();
    }
    ++devices;
  }
  EXPECT_EQ(devices, 6U);
}

TEST(ProfileFile, OnlyRegularFilesAreReplaced) {
  const auto folder = ScratchFolder::make("fovea-profile-test");
  ASSERT_TRUE(folder);
  const auto pipe = folder->path() / "pipe", link = folder->path() / "link", old = folder->path() / "old.json";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::filesystem::create_symlink("/dev/null", link);
  std::ofstream(old) << "old";
  for (const auto& [path, said] : {std::pair{pipe, "is no regular file"},
                                   {link, "is no regular file"},
                                   {folder->path(), "is a folder"},
                                   {folder->path() / "none" / "p.json", "there is no folder"}}) {
    const auto written = write_profile(example_profile(), path);
    ASSERT_FALSE(written) << path;
    EXPECT_EQ(written.error().fault, Fault::invalid);
    EXPECT_TRUE(written.error().message.contains(said)) << written.error().message;
    EXPECT_EQ(check_profile_target(path).error().message, written.error().message);
  }
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_FALSE(std::filesystem::exists(folder->path() / "none"));
  EXPECT_TRUE(write_profile(example_profile(), old));
  EXPECT_TRUE(read_profile(old));
}

TEST(ProfileFile, LiesInTheCacheFolderUnlessNamed) {
  const char* before = std::getenv("XDG_CACHE_HOME");
  const std::optional<std::string> kept = before == nullptr ? std::nullopt : std::optional<std::string>(before);
  ::setenv("XDG_CACHE_HOME", "/a/cache", 1);
  EXPECT_EQ(profile_path("bundled"), "/a/cache/fovea/profiles/bundled.json");
  kept ? ::setenv("XDG_CACHE_HOME", kept->c_str(), 1) : ::unsetenv("XDG_CACHE_HOME");
}

TEST(ProfileFile, AFileThatIsNotThereOrCannotBeWrittenSaysSo) {
  EXPECT_EQ(read_profile("/no/such/profile.json").error().fault, Fault::not_found);
  const auto written = write_profile(example_profile(), "/proc/profile.json");
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
