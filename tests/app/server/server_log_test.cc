#include "app/server/server_log.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <string>

namespace fovea::app {
namespace {

// What is written to standard error for one line of information.
std::string logged(const std::string& format, const std::string& level) {
  testing::internal::CaptureStderr();
  EXPECT_TRUE(set_up_log(format, level));
  spdlog::info("a \"line\"");
  spdlog::default_logger()->flush();
  return testing::internal::GetCapturedStderr();
}

TEST(ServerLog, HasLinesForPeople) { EXPECT_TRUE(logged("text", "info").ends_with(" info: a \"line\"\n")); }

TEST(ServerLog, HasLinesOfJson) {
  const std::string line = logged("json", "info");
  EXPECT_TRUE(line.starts_with(R"({"time":")"));
  EXPECT_TRUE(line.ends_with(R"("level":"info","message":"a \"line\""})"
                             "\n"));
}

TEST(ServerLog, LeavesOutWhatIsBelowTheLevel) { EXPECT_EQ(logged("text", "error"), ""); }

TEST(ServerLog, AnUnknownLevelIsRefused) { EXPECT_FALSE(set_up_log("text", "loud")); }

}  // namespace
}  // namespace fovea::app
