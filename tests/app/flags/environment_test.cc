#include "app/flags/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace fovea::app {
namespace {

using testing::ElementsAre;

class Environment : public testing::Test {
 protected:
  Environment() {
    serve_.add_option("-p,--port", port_)->check(CLI::Range(0, 65535))->envname("FOVEA_TEST_PORT");
    serve_.add_option("--log", log_)->envname("FOVEA_TEST_LOG");
    serve_.add_option("--hosts", hosts_)->delimiter(',')->envname("FOVEA_TEST_HOSTS");
    app_.add_subcommand("ask", "A verb without variables")->add_option("words", words_);
  }
  ~Environment() override {
    for (const char* name : {"FOVEA_TEST_PORT", "FOVEA_TEST_LOG", "FOVEA_TEST_HOSTS"}) ::unsetenv(name);
  }

  void parse(const std::vector<std::string>& args) {
    const auto all = with_environment(app_, args);
    app_.parse(std::vector(all.rbegin(), all.rend()));
  }

  CLI::App app_;
  CLI::App& serve_ = *app_.add_subcommand("serve", "A verb with variables");
  int port_ = 0;
  std::string log_;
  std::vector<std::string> hosts_, words_;
};

TEST_F(Environment, VariablesBecomeFlagsBehindTheVerb) {
  ::setenv("FOVEA_TEST_PORT", "8000", 1);
  ::setenv("FOVEA_TEST_LOG", "", 1);
  EXPECT_THAT(with_environment(app_, {"serve", "--hosts", "a"}), ElementsAre("serve", "--port=8000", "--hosts", "a"));
}

TEST_F(Environment, AFlagCountsBeforeItsVariable) {
  ::setenv("FOVEA_TEST_PORT", "8000", 1);
  EXPECT_THAT(with_environment(app_, {"serve", "-p", "1"}), ElementsAre("serve", "-p", "1"));
}

TEST_F(Environment, OtherCommandLinesStayAsTheyAre) {
  ::setenv("FOVEA_TEST_PORT", "8000", 1);
  for (const std::vector<std::string>& args : {std::vector<std::string>{}, {"ask", "a.png"}, {"nosuch"}})
    EXPECT_EQ(with_environment(app_, args), args);
}

TEST_F(Environment, AListIsSplitLikeThatOfAFlag) {
  ::setenv("FOVEA_TEST_HOSTS", "a,b", 1);
  parse({"serve"});
  EXPECT_THAT(hosts_, ElementsAre("a", "b"));
  EXPECT_EQ(naming_variables(serve_, "--hosts: no"), "--hosts: no (set in the environment: FOVEA_TEST_HOSTS)");
}

TEST_F(Environment, AValueThatACheckRefusesIsAFaultThatNamesTheVariable) {
  ::setenv("FOVEA_TEST_PORT", "many", 1);
  try {
    parse({"serve"});
    ADD_FAILURE() << "parsed";
  } catch (const CLI::ParseError& error) {
    EXPECT_EQ(naming_variables(serve_, error.what()),
              "--port: Value many not in range [0 - 65535] (set in the environment: FOVEA_TEST_PORT)");
  }
}

TEST_F(Environment, AMessageAboutOtherFlagsStaysAsItIs) {
  ::setenv("FOVEA_TEST_LOG", "x", 1);
  ::setenv("FOVEA_TEST_PORT", "8000", 1);
  parse({"serve", "--port", "1"});
  for (const char* message : {"--log-level: no", "--port: no", "there is no model"})
    EXPECT_EQ(naming_variables(serve_, message), message);
  EXPECT_EQ(naming_variables(serve_, "--log-level, --log"),
            "--log-level, --log (set in the environment: FOVEA_TEST_LOG)");
}

}  // namespace
}  // namespace fovea::app
