// `fovea demo`: it checks itself, and its exit code says what came of it.
#include <algorithm>

#include "app/program.h"

namespace fovea {
namespace {

using Demo = Program;

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST_F(Demo, EveryCheckHolds) {
  const Ran ran = run("demo");
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_EQ(ran.err, "");
  EXPECT_FALSE(ran.out.contains("FAILED")) << ran.out;
  EXPECT_TRUE(ran.out.contains("How many shapes are there?  ->  3\n")) << ran.out;
  EXPECT_TRUE(ran.out.contains("response hit")) << ran.out;
  EXPECT_TRUE(ran.out.contains("response hit (disk)")) << ran.out;
  EXPECT_TRUE(ran.out.contains("prefix hit (disk)")) << ran.out;
  EXPECT_EQ(count(ran.out, "every token and logit identical"), 4u) << ran.out;
  EXPECT_TRUE(ran.out.contains("All answers are right. The 4 answers")) << ran.out;
}

TEST_F(Demo, TakesNoWords) {
  const Ran ran = run("demo photo.jpg");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_TRUE(ran.err.contains("photo.jpg")) << ran.err;
}

}  // namespace
}  // namespace fovea
