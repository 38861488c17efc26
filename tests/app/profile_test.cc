// fovea profile as a person or a script uses it, on the bundled model, and what serve and replay do with its
// file. No test looks at how long anything took.
#include <filesystem>
#include <glaze/glaze.hpp>

#include "app/program.h"
#include "profile/profile_file.h"

namespace fovea {
namespace {

class ProfileVerb : public Program {
 protected:
  Ran quick(const std::string& words) const { return run("profile --quick --threads 1 --size 64x64 " + words); }
};

TEST_F(ProfileVerb, HelpTeaches) {
  const Ran help = run("profile --help");
  EXPECT_EQ(help.exit_code, 0);
  for (const char* word : {"--other-model", "--shared", "--quick", "--json", "fovea serve --profile", "Exit codes"})
    EXPECT_TRUE(help.out.contains(word)) << word;
}

TEST_F(ProfileVerb, MeasuresAndServesAndReplays) {
  const std::string path = folder / "mine.json";
  const Ran ran = quick("--json -o '" + path + "'");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(ran.err.contains("the profile is " + path)) << ran.err;
  glz::generic document;
  ASSERT_FALSE(glz::read_json(document, ran.out)) << ran.out;
  EXPECT_EQ(document["models"][0]["name"].get<std::string>(), "bundled");

  const auto profile = read_profile(path);
  ASSERT_TRUE(profile) << profile.error().message;
  const ModelTimes& model = profile->models[0];
  EXPECT_GT(model.encode_ms, 0);
  EXPECT_GT(model.load.prompt_tokens, model.load.image_tokens);
  EXPECT_GT(model.load.answer_tokens, 0);
  EXPECT_TRUE(model.state);
  EXPECT_EQ(model.batches.size(), 4u);
  EXPECT_EQ(model.threads.size(), 1u);
  ASSERT_EQ(profile->tiers.size(), 1u);
  EXPECT_EQ(profile->tiers[0].kind, "disk");

  const Ran replayed = run("replay traces/shop.csv --policy lru --capacity 50% --json --profile '" + path + "'");
  EXPECT_EQ(replayed.exit_code, 0) << replayed.err;
  const Ran own = run("replay traces/shop.csv --policy lru --capacity 50% --json");
  EXPECT_NE(replayed.out, own.out) << "other costs";
  EXPECT_TRUE(replayed.err.contains("all costs come from the profile " + path + ", of model bundled")) << replayed.err;
  EXPECT_FALSE(own.err.contains("costs")) << own.err;

  const Ran other = run("serve --port 0 --ctx-size 512 --profile '" + path + "'");
  EXPECT_EQ(other.exit_code, 2) << other.err;
  EXPECT_TRUE(other.err.contains("tokens and not of 512")) << other.err;
  EXPECT_TRUE(other.err.contains("measure again: fovea profile --ctx-size 512 -o " + path)) << other.err;
}

TEST_F(ProfileVerb, AQuickOneGoesToNoFileUnlessNamed) {
  const Ran ran = quick("--no-disk");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(ran.out.contains("What to switch on for bundled")) << ran.out;
  EXPECT_TRUE(ran.err.contains("a quick profile is written to no file unless -o FILE names one")) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(folder / "cache" / "fovea" / "profiles"));
}

TEST_F(ProfileVerb, ADashIsStandardOutput) {
  const Ran ran = quick("--no-disk -o -");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(parse_profile(ran.out, "out")) << ran.out;
}

TEST_F(ProfileVerb, WhatIsWrongIsSaidBeforeAnythingIsMeasured) {
  const auto refused = [&](const std::string& words, int code, const char* said) {
    const Ran ran = run("profile " + words);
    EXPECT_EQ(ran.exit_code, code) << words;
    EXPECT_TRUE(ran.err.contains(said)) << words << ": " << ran.err;
    EXPECT_EQ(ran.out, "") << words;
  };
  refused("-m /no/model.gguf --mmproj /no/mmproj.gguf --no-disk", 1, "/no/model.gguf");
  refused("-m /no/model.gguf", 2, "--mmproj");
  refused("--other-model /no/model.gguf", 2, "--other-mmproj");
  refused("--size large", 2, "--size");
  for (const char* size : {"0x0", "0x5", "5x0", "5x16385", "999999x999999", "99999999999x5", "5", "5x5x5", "-5x5"})
    refused(std::string("--size=") + size, 2, "--size: '");
  refused("-o /dev/null", 2, "/dev/null: is no regular file");
  refused("-o /no/such/p.json", 2, "there is no folder /no/such");
  refused("-o .", 2, "is a folder");
  refused("-o - --json", 2, "choose one");
  refused("--disk /no/such/folder", 2, "--disk: '/no/such/folder' is no folder");
  refused("--shared nowhere --fleet-key-file /no/key", 1, "--fleet-key-file");
}

TEST_F(ProfileVerb, ADamagedFileIsRefusedByThoseWhoReadIt) {
  const std::string half = file("half.json", R"({"fovea_profile":1,"models":[{"name":)");
  const std::string later = file("later.json", R"({"fovea_profile":9})");
  for (const std::string& verb : {std::string("serve --port 0"), std::string("replay traces/shop.csv")}) {
    const Ran ran = run(verb + " --profile '" + half + "'");
    EXPECT_NE(ran.exit_code, 0);
    EXPECT_TRUE(ran.err.contains("--profile: " + half + ": not a profile of fovea profile")) << ran.err;
    EXPECT_TRUE(run(verb + " --profile '" + later + "'").err.contains("a profile of version 9"));
    EXPECT_TRUE(run(verb + " --profile /no/such.json").err.contains("/no/such.json"));
  }
}

}  // namespace
}  // namespace fovea
