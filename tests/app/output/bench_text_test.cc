#include "app/output/bench_text.h"

#include "bench/paper_run.h"

namespace fovea::app {
namespace {

using BenchText = PaperRun;

TEST_F(BenchText, HasALineForEachTarget) {
  const std::string text = bench_text(input);
  EXPECT_TRUE(text.starts_with("paper: A load.\n")) << text;
  EXPECT_TRUE(text.contains("1 seeds; compared with none")) << text;
  const auto line = [&](const std::string& name) {
    const std::size_t from = text.find("\n  " + name + " ") + 1;
    return text.substr(from, text.find('\n', from) - from);
  };
  EXPECT_TRUE(line("both").contains("3.33x")) << text;
  EXPECT_TRUE(line("both").ends_with(" -")) << "there was no second pass\n" << text;
  EXPECT_FALSE(line("none").contains("x")) << "the baseline is compared with no target\n" << text;
}

}  // namespace
}  // namespace fovea::app
