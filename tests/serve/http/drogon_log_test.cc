#include "serve/http/drogon_log.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <trantor/utils/Logger.h>

#include <memory>
#include <sstream>

namespace fovea::serve {
namespace {

class DrogonLogTest : public testing::Test {
 protected:
  DrogonLogTest() {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_st>(lines_)));
    log_drogon_with_spdlog();
  }

  std::ostringstream lines_;
};

TEST_F(DrogonLogTest, WarningsOfDrogonAreWarnings) {
  LOG_WARN << "something odd";
  EXPECT_TRUE(lines_.str().contains("warning"));
  EXPECT_TRUE(lines_.str().contains("something odd"));
  EXPECT_EQ(lines_.str().find('\n'), lines_.str().size() - 1) << "one line, without an empty one";
}

TEST_F(DrogonLogTest, ItsChatterIsLeftOut) {
  LOG_INFO << "all is well";
  EXPECT_EQ(lines_.str(), "");
}

TEST_F(DrogonLogTest, AClientThatLeftIsNoWarning) {
  LOG_ERROR << "no writing but write callback called";
  EXPECT_EQ(lines_.str(), "");
}

}  // namespace
}  // namespace fovea::serve
