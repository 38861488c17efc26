// The command line as a person or a script uses it: questions about pictures.
#include <algorithm>
#include <glaze/glaze.hpp>
#include <tuple>

#include "app/program.h"

namespace fovea {
namespace {

using Ask = Program;

TEST_F(Ask, HelpTeaches) {
  const Ran help = run("--help");
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_TRUE(help.out.contains("fovea ask photo.jpg"));
  const Ran ask = run("ask --help");
  EXPECT_EQ(ask.exit_code, 0);
  for (const char* word : {"--embedding-cache", "--prefix-cache", "--log", "--no-cache", "--json", "Exit codes"})
    EXPECT_TRUE(ask.out.contains(word)) << word;
  EXPECT_TRUE(run("--version").out.starts_with("fovea "));
}

TEST_F(Ask, AnswersEachQuestionOnALine) {
  const Ran ran = run("ask three.png 'How many shapes are there?' 'How many shapes are there?' --timings");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "3\n3\n");
  EXPECT_TRUE(ran.err.contains("embedding miss")) << ran.err;
  EXPECT_TRUE(ran.err.contains("response hit")) << ran.err;
  EXPECT_FALSE(ran.err.contains('\x1b')) << "no colour or bars outside a terminal";
}

TEST_F(Ask, JsonIsOneObjectAnAnswer) {
  const Ran ran = run("ask one.png three.png 'How many shapes are in the second picture?' --json");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(std::ranges::count(ran.out, '\n'), 1);
  glz::generic json;
  ASSERT_FALSE(glz::read_json(json, ran.out)) << ran.out;
  EXPECT_EQ(json["cache"]["response"]["status"].get<std::string>(), "miss");
  EXPECT_EQ(json["pictures"].get<glz::generic::array_t>().size(), 2u);
  EXPECT_EQ(json["pictures"][0]["file"].get<std::string>(), "one.png");
  EXPECT_GT(json["usage"]["prompt_tokens"].get<double>(), 128);
}

TEST_F(Ask, APictureMayComeFromStandardInput) {
  const Ran ran = run("ask - 'How many shapes are there?'", "three.png");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "3\n");
}

TEST_F(Ask, WithoutAQuestionLinesOfInputAreAConversation) {
  const std::string questions = file("questions", "How many shapes are there?\n\nHow many shapes are there?\n");
  const Ran ran = run("ask three.png --timings", questions);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "3\n3\n");
  EXPECT_TRUE(ran.err.contains("prefix hit")) << ran.err;  // the second turn goes on where the first one was
}

TEST_F(Ask, AnotherQuestionReadsTheQuestionAloneUnlessToldNotTo) {
  const std::string questions = "three.png 'How many shapes are there?' 'What color is the square?' --json --no-disk";
  for (const auto& [flag, status, cached] :
       {std::tuple{"", "hit", true}, {" --prefix-cache 0", "bypass", false}, {" --cache-size 1MiB", "hit", true}}) {
    const Ran ran = run("ask " + questions + flag);
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    glz::generic second;
    ASSERT_FALSE(glz::read_json(second, ran.out.substr(ran.out.find('\n') + 1))) << ran.out;
    EXPECT_EQ(second["answer"].get<std::string>(), "pink");
    EXPECT_EQ(second["cache"]["prefix"]["status"].get<std::string>(), status) << flag;
    EXPECT_EQ(second["usage"]["prompt_tokens_details"]["cached_tokens"].get<double>() > 64, cached) << flag;
  }
  const Ran wrong = run("ask three.png 'What is this?' --prefix-cache much");
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_TRUE(wrong.err.contains("--prefix-cache")) << wrong.err;
}

TEST_F(Ask, ALogIsATraceThatReplayReads) {
  const std::string log = folder / "requests.jsonl";
  const std::string how_many = "'How many shapes are there?'", what = "'What color is the circle?'";
  for (const std::string& words : {"three.png " + how_many + " " + what + " " + how_many, "one.png " + how_many}) {
    const Ran ran = run("ask " + words + " --policy importance --log " + log);
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
  }
  EXPECT_EQ(std::ranges::count(text_of(log), '\n'), 3 + 3 + 1 + 3)
      << text_of(log);  // of three.png, its state was stored once
  EXPECT_TRUE(text_of(log).contains("\"importance\":0.")) << text_of(log);
  const Ran replayed = run("replay " + log + " --policy lru --capacity 100% --json");
  ASSERT_EQ(replayed.exit_code, 0) << replayed.err;
  EXPECT_TRUE(replayed.out.contains("\"requests\":4,\"lookups\":12")) << replayed.out;
  EXPECT_EQ(run("ask one.png " + how_many + " --log /nowhere/log").exit_code, 1);
}

TEST_F(Ask, NoCacheUsesNone) {
  const Ran ran = run("ask three.png 'How many shapes are there?' 'How many shapes are there?' --no-cache --timings");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_FALSE(ran.err.contains("hit")) << ran.err;
}

TEST_F(Ask, WrongUsageExitsWithTwo) {
  for (const char* words :
       {"", "ask", "ask 'What is this?'", "ask three.png hi --temperature hot", "ask three.png hi --embedding-cache 5x",
        "ask three.png hi --max-tokens 0", "ask three.png hi --ctx-size 8", "ask three.png hi -m only-one.gguf",
        "ask - -", "ask three.png hi --no-such-flag", "sing"}) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit_code, 2) << words << "\n" << ran.err;
    EXPECT_TRUE(ran.err.starts_with("fovea: ")) << words << "\n" << ran.err;
    EXPECT_EQ(ran.out, "") << words;
  }
}

TEST_F(Ask, WhatFailsSaysWhyAndExitsWithOne) {
  const std::string text = file("text.jpg", "this is no picture");
  const std::string cut = file("cut.png", text_of(FOVEA_SOURCE_DIR "/samples/three.png").substr(0, 500));
  for (const auto& [words, why] :
       {std::pair{std::string("ask missing.jpg hi"), "missing.jpg: No such file"},
        {"ask . hi", "is a folder"},
        {"ask '" + text + "' hi", "This is text; Fovea reads JPEG"},
        {"ask '" + cut + "' hi", "cut.png: "},
        {"ask three.png hi -m three.png --mmproj three.png", "GGUF"},
        {"ask three.png \"$(yes what | head -400 | tr '\\n' ' ')\" --ctx-size 256", "--ctx-size"}}) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit_code, 1) << words << "\n" << ran.err;
    EXPECT_TRUE(ran.err.starts_with("fovea: ")) << ran.err;
    EXPECT_TRUE(ran.err.contains(why)) << words << "\n" << ran.err;
  }
}

TEST_F(Ask, AnotherProcessFindsOnTheDiskWhatThisOneComputed) {
  const std::string asked = "ask three.png 'How many shapes are there?' --timings";
  EXPECT_TRUE(run(asked).err.contains("response miss")) << "a test's cache folder begins empty";
  const Ran again = run(asked);
  EXPECT_EQ(again.out, "3\n");
  EXPECT_TRUE(again.err.contains("response hit (disk)")) << again.err;
  const Ran other = run("ask three.png 'What color is the square?' --timings");
  EXPECT_EQ(other.out, "pink\n");
  EXPECT_TRUE(other.err.contains("response miss, prefix hit (disk)")) << other.err;
  const Ran system = run("ask three.png 'What color is the square?' --system 'Answer in a few words.' --timings");
  EXPECT_TRUE(system.err.contains("embedding hit (disk)")) << system.err;
  for (const std::string without : {" --no-disk", " --no-cache"}) {
    const Ran fresh = run(asked + without);
    EXPECT_EQ(fresh.out, "3\n");
    EXPECT_FALSE(fresh.err.contains("disk")) << fresh.err;
  }
}

TEST_F(Ask, DraftsThatAttentionPreventsAreToldInOneLine) {
  const Ran ran = run("ask three.png 'How many shapes are there?' --no-cache --drafts on --attention '" +
                      (folder / "heat.png").string() + "'");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, "3\n");
  EXPECT_TRUE(ran.err.contains("fovea: --drafts: there are none: attention is observed")) << ran.err;
}

TEST_F(Ask, ADiskThatCannotBeUsedIsASentenceAndNoFailure) {
  const Ran ran = run("ask three.png 'How many shapes are there?' --disk-cache /proc/fovea");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, "3\n");
  EXPECT_TRUE(ran.err.contains("no disk cache: the folder '/proc/fovea/v1' cannot be made")) << ran.err;
}

TEST_F(Ask, WrongTierFlagsAreWrongUsage) {
  const std::string asked = "ask three.png 'How many shapes are there?' ";
  const std::pair<const char*, const char*> wrong[] = {
      {"--disk-size much", "--disk-size: "},
      {"--disk-cache d --disk-size 1MiB", "--disk-size: "},
      {"--no-disk --disk-cache d", "--no-disk"},
      {"--shared valkey://localhost", "--fleet-key-file"},
      {"--shared valkey://localhost --fleet-key-file /nowhere", "--fleet-key-file: '/nowhere' cannot be read"},
      {"--shared valkey://localhost --fleet-key-file /dev/null", "openssl rand -hex 32"},
  };
  for (const auto& [flags, said] : wrong) {
    const Ran ran = run(asked + flags);
    EXPECT_NE(ran.exit_code, 0) << flags;
    EXPECT_TRUE(ran.err.contains(said)) << flags << ": " << ran.err;
  }
}

}  // namespace
}  // namespace fovea
