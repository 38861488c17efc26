// `fovea model` as a person or a script uses it.
#include <glaze/glaze.hpp>

#include "app/program.h"

namespace fovea {
namespace {

class Model : public Program {
 protected:
  const std::string decoder = "../models/tiny/fovea-tiny.gguf", mmproj = "../models/tiny/fovea-tiny-mmproj.gguf";
};

TEST_F(Model, InfoDescribesEveryFile) {
  const Ran ran = run("model info " + decoder + " " + mmproj);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(ran.out.starts_with(decoder + "\n  name")) << ran.out;
  EXPECT_TRUE(ran.out.contains("\n\n" + mmproj + "\n")) << ran.out;
  EXPECT_TRUE(ran.out.contains("vision encoder (mmproj)")) << ran.out;
}

TEST_F(Model, AFileThatIsNoneDoesNotHideTheOthers) {
  const Ran ran = run("model info three.png " + decoder + " --json");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(ran.err.contains("three.png")) << ran.err;
  glz::generic json;
  ASSERT_FALSE(glz::read_json(json, ran.out)) << ran.out;
  EXPECT_EQ(json["file"].get<std::string>(), decoder);
}

TEST_F(Model, ADryRunOfSynthWritesNothing) {
  const std::string out = (folder / "models").string();
  const Ran ran = run("model synth --like smolvlm-256m --dry-run --out '" + out + "'");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(ran.out.contains(" parameters in ")) << ran.out;
  EXPECT_EQ(std::ranges::count(ran.out, '\n'), 2) << "a line a file";
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST_F(Model, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"model", "subcommand"},
      {"model info", "FILE"},
      {"model synth --out x --like nosuch", "smolvlm-256m"},
      {"model synth --out x --like smolvlm-256m --type f7", "q8_0"},
      {"model synth --out x --like llava-1.5-7b --preproc 512", "--preproc: "},
      {"model synth --out x --like minicpm-v-4 --preproc 512", "before it divides them: leave it out"},
      {"model synth --like smolvlm-256m", "--out"},
  };
  for (const auto& [words, part] : cases) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit_code, 2) << words;
    EXPECT_TRUE(ran.err.contains(part)) << words << "\n" << ran.err;
  }
}

}  // namespace
}  // namespace fovea
