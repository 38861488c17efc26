#include "app/flags/given_flags.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace fovea::app {
namespace {

TEST(GivenFlags, AValueIsAWordOfItsOwnOrPartOfOne) {
  EXPECT_EQ(given_value("--port", {"serve", "--port", "1"}), "1");
  EXPECT_EQ(given_value("--port", {"serve", "--port=1"}), "1");
  EXPECT_EQ(given_value("--port", {"serve", "--port"}), "");
  EXPECT_EQ(given_value("--port", {"serve", "--ports=1", "port"}), std::nullopt);
}

TEST(GivenFlags, AnyNameOfAnOptionCounts) {
  CLI::App app;
  int port = 0;
  const CLI::Option& option = *app.add_option("-p,--port", port);
  EXPECT_TRUE(is_given(option, {"serve", "-p", "1"}));
  EXPECT_TRUE(is_given(option, {"serve", "--port=1"}));
  EXPECT_TRUE(is_given(option, {"serve", "-p1"}));
  EXPECT_FALSE(is_given(option, {"serve", "--host", "::1"}));
}

}  // namespace
}  // namespace fovea::app
