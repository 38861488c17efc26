#include "app/manual/fish_completion.h"

#include <gtest/gtest.h>

#include "app/manual/example_command.h"

namespace fovea::app {
namespace {

class FishCompletion : public testing::Test {
 protected:
  bool holds(const std::string& line) const { return script.contains("\ncomplete -c fovea " + line + "\n"); }
  // What fish offers for the end of `line`, with descriptions behind tabulators.
  std::string offered(const std::string& line) const {
    const TextFile file(script);
    return output_of("fish --no-config -c 'source $argv[1]; complete -C $argv[2]' '" + file.path() + "' '" + line +
                     "'");
  }
  const std::string script = fish_completion(example_command());
};

TEST_F(FishCompletion, ALineAVerbAndAFlag) {
  EXPECT_TRUE(holds("-n '__fovea_is fovea' -a ask -d 'Ask questions'")) << script;
  EXPECT_TRUE(holds("-n '__fovea_is fovea model' -a info -d 'Describe them'"));
  EXPECT_TRUE(holds("-n '__fovea_is fovea ask' -s m -l model -r -F -d 'The decoder: a [GGUF] file, it\\'s'"));
  EXPECT_TRUE(holds("-n '__fovea_is fovea ask' -l out -x -a '(__fish_complete_directories)' -d 'A folder'"));
  EXPECT_TRUE(holds("-n '__fovea_is fovea ask' -l format -x -a 'text json' -d 'The format'"));
  EXPECT_TRUE(holds("-n '__fovea_is fovea ask' -l policy -x -a '(__fovea_list lru value)' -d 'Policies'"));
  EXPECT_TRUE(holds("-n '__fovea_is fovea ask' -l threads -x -d 'Threads'"));
  EXPECT_TRUE(holds("-n '__fovea_is fovea ask' -l json -d 'Print JSON'"));
  EXPECT_TRUE(holds("-n '__fovea_is fovea ask' -F"));
  EXPECT_TRUE(script.ends_with("set -g __fovea_commands 'fovea ask' 'fovea model' 'fovea model info'\n"));
}

TEST_F(FishCompletion, FishOffersVerbsFlagsAndValues) {
  if (!has_program("fish")) GTEST_SKIP() << "fish is not installed";
  EXPECT_EQ(offered("fovea "), "ask\tAsk questions\nmodel\tModel files\n");
  EXPECT_EQ(offered("fovea model "), "info\tDescribe them\n");
  EXPECT_EQ(offered("fovea ask --form"), "--format\tThe format\n");
  EXPECT_EQ(offered("fovea ask --format j"), "json\tThe format\n");
  EXPECT_EQ(offered("fovea ask --policy value,l"), "value,lru\tPolicies\n");
}

}  // namespace
}  // namespace fovea::app
