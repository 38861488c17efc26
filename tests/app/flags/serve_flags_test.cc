#include "app/flags/serve_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <string>

namespace fovea::app {
namespace {

using testing::ElementsAre;

class ServeFlagsTest : public testing::Test {
 protected:
  ServeFlagsTest() { add_serve_flags(verb_, flags_); }
  void parse(const std::string& line) { verb_.parse(line); }
  std::string environment_name(const std::string& flag) const { return verb_.get_option(flag)->get_envname(); }

  CLI::App verb_;
  ServeFlags flags_;
};

TEST_F(ServeFlagsTest, HasDefaults) {
  parse("");
  EXPECT_EQ(flags_.http.host, "127.0.0.1");
  EXPECT_EQ(flags_.http.port, 8080);
  EXPECT_EQ(flags_.model.parallel, 4U);
  EXPECT_EQ(flags_.generate.temperature, 1);
  EXPECT_FALSE(flags_.insecure);
}

TEST_F(ServeFlagsTest, ReadsFlagsOfEveryGroup) {
  parse(
      "--port 9 --image-hosts a.example,*.b.example --max-requests 7 --max-picture 1MiB --temperature 0 "
      "--attention --log-format json");
  EXPECT_EQ(flags_.http.port, 9);
  EXPECT_THAT(flags_.image_hosts, ElementsAre("a.example", "*.b.example"));
  EXPECT_EQ(flags_.requests_max, 7U);
  EXPECT_EQ(flags_.picture_max, "1MiB");
  EXPECT_EQ(flags_.generate.temperature, 0);
  EXPECT_TRUE(flags_.attention);
  EXPECT_EQ(flags_.log_format, "json");
}

TEST_F(ServeFlagsTest, EachSettingHasAVariableOfTheEnvironment) {
  EXPECT_EQ(environment_name("--max-requests"), "FOVEA_MAX_REQUESTS");
  EXPECT_EQ(environment_name("--model"), "FOVEA_MODEL");
  EXPECT_EQ(environment_name("--tls-cert"), "FOVEA_TLS_CERT");
  EXPECT_EQ(environment_name("--prefix-cache"), "FOVEA_PREFIX_CACHE");
  for (const char* flag : {"--config", "--print-config", "--hash-key"}) EXPECT_EQ(environment_name(flag), "") << flag;
}

TEST_F(ServeFlagsTest, NumbersOutOfTheirRangeAreRefused) {
  for (const char* line : {"--parallel 0", "--max-requests 0", "--timeout 0", "--grace -1", "--log-level loud",
                           "--port 65536", "--gpu-layers many"})
    EXPECT_THROW(parse(line), CLI::ParseError) << line;
}

TEST_F(ServeFlagsTest, AFlagIsTrueOrFalse) {
  parse("--insecure=yes --attention=off");
  EXPECT_TRUE(flags_.insecure);
  EXPECT_FALSE(flags_.attention);
  try {
    parse("--attention=maybe");
    ADD_FAILURE() << "parsed";
  } catch (const CLI::ParseError& error) {
    EXPECT_STREQ(error.what(), "--attention: \"maybe\" is neither true nor false");
  }
}

}  // namespace
}  // namespace fovea::app
