// The script is driven as bash drives it: COMP_WORDS and COMP_CWORD say what was typed, COMPREPLY what is
// offered.
#include "app/manual/bash_completion.h"

#include <gtest/gtest.h>

#include "app/manual/example_command.h"

namespace fovea::app {
namespace {

class BashCompletion : public testing::Test {
 protected:
  // What is offered for the last of `words`, one a line. Outside of a completion there is no compopt; the
  // test's own prints how it was called.
  std::string offered(const std::string& words) const {
    return output_of(
        "bash -c 'source \"$1\"; compopt() { echo \"compopt $*\"; }; shift; COMP_WORDS=(\"$@\"); "
        "COMP_CWORD=$(($# - 1)); _fovea; [[ ${#COMPREPLY[@]} = 0 ]] || printf \"%s\\n\" \"${COMPREPLY[@]}\"' "
        "- '" +
        script.path() + "' " + words);
  }
  const TextFile script{bash_completion(example_command())};
};

TEST_F(BashCompletion, Verbs) {
  EXPECT_EQ(offered("fovea ''"), "ask\nmodel\n");
  EXPECT_EQ(offered("fovea a"), "ask\n");
  EXPECT_EQ(offered("fovea model ''"), "info\n");
  EXPECT_EQ(offered("fovea x"), "");
}

TEST_F(BashCompletion, Flags) {
  EXPECT_EQ(offered("fovea -"), "-h\n--help\n");
  EXPECT_EQ(offered("fovea ask --"), "--help\n--model\n--out\n--format\n--policy\n--threads\n--json\n");
  EXPECT_EQ(offered("fovea ask --json photo.jpg --f"), "--format\n");
  EXPECT_EQ(offered("fovea model info --"), "--help\n");
}

TEST_F(BashCompletion, Choices) {
  EXPECT_EQ(offered("fovea ask --format ''"), "text\njson\n");
  EXPECT_EQ(offered("fovea ask --format j"), "json\n");
  EXPECT_EQ(offered("fovea ask --format = ''"), "text\njson\n") << "bash ends a word at the sign";
  EXPECT_EQ(offered("fovea ask --format ="), "text\njson\n");
  EXPECT_EQ(offered("fovea ask --format = t"), "text\n");
}

TEST_F(BashCompletion, ListsAreCompletedBehindTheirLastComma) {
  EXPECT_EQ(offered("fovea ask --policy v"), "compopt -o nospace\nvalue\n");
  EXPECT_EQ(offered("fovea ask --policy value,l"), "compopt -o nospace\nvalue,lru\n");
}

TEST_F(BashCompletion, FilesAndFoldersAreReadlines) {
  EXPECT_EQ(offered("fovea ask -m ''"), "compopt -o default\n");
  EXPECT_EQ(offered("fovea ask --model x"), "compopt -o default\n");
  EXPECT_EQ(offered("fovea ask --out ''"), "compopt -o dirnames\n");
  EXPECT_EQ(offered("fovea ask photo"), "compopt -o default\n");
  EXPECT_EQ(offered("fovea ask --json photo"), "compopt -o default\n") << "the flag takes no value";
}

TEST_F(BashCompletion, NothingIsOfferedForOtherValues) { EXPECT_EQ(offered("fovea ask --threads ''"), ""); }

TEST_F(BashCompletion, IsRegisteredForTheProgram) {
  EXPECT_EQ(output_of("bash -c 'source \"$1\"; complete -p fovea' - '" + script.path() + "'"),
            "complete -F _fovea fovea\n");
}

}  // namespace
}  // namespace fovea::app
