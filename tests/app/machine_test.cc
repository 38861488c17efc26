#include "app/machine.h"

#include <gtest/gtest.h>
#include <sys/utsname.h>

#include <format>
#include <regex>
#include <thread>

namespace fovea::app {
namespace {

TEST(Machine, OneLineSaysProcessorsMemoryAndSystem) {
  const std::string line = machine_line();
  EXPECT_FALSE(line.contains('\n'));
  EXPECT_TRUE(line.contains(std::format(", {} processors", std::thread::hardware_concurrency()))) << line;
  EXPECT_TRUE(std::regex_search(line, std::regex(", [0-9.]+ [KMGT]iB"))) << line;
  utsname system{};
  ASSERT_EQ(::uname(&system), 0);
  EXPECT_TRUE(line.contains(std::string(", ") + system.sysname + " ")) << line;
  EXPECT_NE(line.front(), ',') << line;
}

TEST(Machine, OfTheSystemOnlyTheReleaseIsTold) {
  const std::string line = machine_line();
  EXPECT_FALSE(line.substr(line.rfind(", ")).contains('-')) << "behind a dash stands who built it: " << line;
}

}  // namespace
}  // namespace fovea::app
