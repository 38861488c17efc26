#include "app/manual/zsh_completion.h"

#include <gtest/gtest.h>

#include "app/manual/example_command.h"

namespace fovea::app {
namespace {

class ZshCompletion : public testing::Test {
 protected:
  bool holds(const std::string& line) const { return script.contains("\n    " + line + " \\\n"); }
  bool ends_with(const std::string& line) const { return script.contains("\n    " + line + "\n"); }
  const std::string script = zsh_completion(example_command());
};

TEST_F(ZshCompletion, AFunctionACommand) {
  EXPECT_TRUE(script.starts_with("#compdef fovea\n"));
  for (const char* name : {"_fovea", "_fovea_ask", "_fovea_model", "_fovea_model_info"})
    EXPECT_TRUE(script.contains("\n" + std::string(name) + "() {\n")) << name;
  EXPECT_TRUE(script.contains("      'ask:Ask questions' \\\n      'model:Model files')\n")) << script;
  EXPECT_TRUE(script.contains("    info) _fovea_model_info ;;\n"));
}

TEST_F(ZshCompletion, ASpecificationAFlag) {
  EXPECT_TRUE(holds("'(-h --help)'{-h,--help}'[Print help]'")) << script;
  EXPECT_TRUE(holds("'(-m --model)'{-m+,--model=}'[The decoder\\: a \\[GGUF\\] file, it'\\''s]:FILE:_files'"));
  EXPECT_TRUE(holds("'--out=[A folder]:DIR:_files -/'"));
  EXPECT_TRUE(holds("'--format=[The format]:NAME:(text json)'"));
  EXPECT_TRUE(holds("'--policy=[Policies]:LIST:_values -s , name lru value'"));
  EXPECT_TRUE(holds("'--threads=[Threads]:N: '"));
  EXPECT_TRUE(holds("'--json[Print JSON]'"));
  EXPECT_TRUE(ends_with("'*:PICTURE:_files'"));
}

TEST_F(ZshCompletion, ZshCanReadIt) {
  if (!has_program("zsh")) GTEST_SKIP() << "zsh is not installed";
  const TextFile file(script);
  EXPECT_EQ(output_of("zsh -n '" + file.path() + "'"), "");
}

}  // namespace
}  // namespace fovea::app
