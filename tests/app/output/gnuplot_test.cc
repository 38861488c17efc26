#include "app/output/gnuplot.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace fovea::app {
namespace {

namespace fs = std::filesystem;

class Gnuplot : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("gnuplot --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "gnuplot is not installed";
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }
  static std::string text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  const fs::path folder = fs::temp_directory_path() / ("fovea-gnuplot-test-" + std::to_string(::getpid()));
};

TEST(GnuplotTerminal, FollowsFromTheEnding) {
  EXPECT_EQ(gnuplot_terminal("a/b.svg"), "svg");
  EXPECT_EQ(gnuplot_terminal("b.png"), "pngcairo");
  for (const char* path : {"b.pdf", "svg", "b.svg.txt"}) {
    const auto terminal = gnuplot_terminal(path);
    ASSERT_FALSE(terminal) << path;
    EXPECT_EQ(terminal.error().fault, Fault::unsupported);
  }
}

TEST_F(Gnuplot, DrawsWhatTheScriptSays) {
  const fs::path path = folder / "a plot.svg";
  ASSERT_TRUE(check_drawing(path));
  const auto drawn = draw("set terminal svg\nplot '-' with lines\n1 1\n2 2\ne\n", path);
  ASSERT_TRUE(drawn) << drawn.error().message;
  EXPECT_TRUE(text_of(path).contains("</svg>"));
}

TEST_F(Gnuplot, AFailureLeavesTheFileAsItWas) {
  const fs::path path = folder / "plot.svg";
  std::ofstream(path) << "as it was";
  testing::internal::CaptureStderr();
  const auto drawn = draw("this is no script\n", path);
  testing::internal::GetCapturedStderr();
  ASSERT_FALSE(drawn);
  EXPECT_EQ(drawn.error().fault, Fault::internal);
  EXPECT_EQ(text_of(path), "as it was");
}

TEST_F(Gnuplot, WhereNothingCanBeWrittenIsSaidBeforehand) {
  for (const fs::path& path : {folder, fs::path("/nowhere/plot.svg")}) {
    const auto possible = check_drawing(path);
    ASSERT_FALSE(possible) << path;
    EXPECT_EQ(possible.error().fault, Fault::invalid);
    EXPECT_TRUE(possible.error().message.starts_with(path.string())) << possible.error().message;
  }
}

TEST_F(Gnuplot, WithoutItThePackageIsNamed) {
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", folder.c_str(), 1);
  const auto possible = check_drawing(folder / "plot.svg");
  ::setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(possible);
  EXPECT_EQ(possible.error().fault, Fault::unavailable);
  EXPECT_TRUE(possible.error().message.contains("gnuplot-nox")) << possible.error().message;
}

}  // namespace
}  // namespace fovea::app
