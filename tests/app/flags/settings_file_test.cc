#include "app/flags/settings_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>

namespace fovea::app {
namespace {

using testing::ElementsAre;

class SettingsFile : public testing::Test {
 protected:
  SettingsFile() {
    CLI::App& serve = *app_.add_subcommand("serve", "A verb with a settings file");
    serve.add_option("-p,--port", port_);
    serve.add_option("--host", host_);
    serve.add_flag("--insecure", insecure_);
    serve.add_option("--config", config_)->configurable(false);
    app_.add_subcommand("ask", "A verb without one")->add_option("words", words_);
  }
  ~SettingsFile() override { std::filesystem::remove(file_); }

  Result<std::vector<std::string>> with(const std::string& settings, std::vector<std::string> args = {}) {
    std::ofstream(file_) << settings;
    args.insert(args.begin(), {"serve", "--config", file_.string()});
    return with_settings_file(app_, args);
  }

  const std::filesystem::path file_ =
      std::filesystem::temp_directory_path() / ("fovea-settings-test-" + std::to_string(::getpid()) + ".toml");
  CLI::App app_;
  int port_ = 0;
  std::string host_, config_;
  bool insecure_ = false;
  std::vector<std::string> words_;
};

TEST_F(SettingsFile, LinesBecomeFlagsBehindTheVerb) {
  const auto args = with("port = 8000\nhost = \"::1\"\ninsecure = true\n");
  ASSERT_TRUE(args) << args.error().message;
  EXPECT_THAT(*args, ElementsAre("serve", "--port=8000", "--host=::1", "--insecure=true", "--config", file_.string()));
}

TEST_F(SettingsFile, AFlagCountsBeforeTheFile) {
  for (const std::vector<std::string>& given : {std::vector<std::string>{"--port", "1"}, {"--port=1"}, {"-p", "1"}}) {
    const auto args = with("port = 8000\n", given);
    ASSERT_TRUE(args) << args.error().message;
    EXPECT_FALSE(std::ranges::contains(*args, "--port=8000")) << given.front();
  }
}

TEST_F(SettingsFile, WhatIsNoSettingIsRefusedWithItsName) {
  for (const char* name : {"prot", "config", "table.port"}) {
    const auto args = with(std::string(name) + " = \"x\"\n");
    ASSERT_FALSE(args) << name;
    EXPECT_EQ(args.error().fault, Fault::invalid);
    EXPECT_TRUE(args.error().message.contains(file_.string() + ": " + name)) << args.error().message;
  }
}

TEST_F(SettingsFile, AFileThatIsNotThereIsNamed) {
  const auto args = with_settings_file(app_, {"serve", "--config=/nowhere.toml"});
  ASSERT_FALSE(args);
  EXPECT_EQ(args.error().fault, Fault::not_found);
  EXPECT_TRUE(args.error().message.starts_with("/nowhere.toml")) << args.error().message;
}

TEST_F(SettingsFile, OtherCommandLinesStayAsTheyAre) {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{}, {"serve", "--port", "1"}, {"ask", "--config", "/nowhere.toml"}, {"nosuch"}}) {
    const auto same = with_settings_file(app_, args);
    ASSERT_TRUE(same) << same.error().message;
    EXPECT_EQ(*same, args);
  }
}

}  // namespace
}  // namespace fovea::app
