#include "app/flags/command_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace fovea::app {
namespace {

using testing::ElementsAre;

class CommandTree : public testing::Test {
 protected:
  const OptionInfo& option(const CommandInfo& command, const std::string& name) const {
    for (const OptionInfo& option : command.options) {
      if (std::ranges::contains(option.names, name)) return option;
    }
    throw std::runtime_error(name + " is not there");
  }
  CLI::App app{"A program.", "fovea"};
  std::string text;
  std::vector<std::string> texts;
  int number = 4;
  bool flag = false;
};

TEST_F(CommandTree, TellsWhatAValueMayBe) {
  app.add_option("-m,--model", text, "The decoder")->type_name("FILE");
  app.add_option("--out", text, "A folder")->type_name("DIR");
  app.add_option("--existing", text)->check(CLI::ExistingFile)->type_name("FILE");
  app.add_option("--shell", text)->check(CLI::IsMember({"bash", "zsh"}))->type_name("NAME");
  app.add_option("--policy", text)->check(CLI::Validator("{lru,value}"))->type_name("LIST");
  app.add_option("--system", text)->type_name("TEXT");
  app.add_flag("--json", flag, "Print JSON");
  const CommandInfo tree = command_tree(app);
  EXPECT_EQ(option(tree, "--model").kind, ValueKind::file);
  EXPECT_THAT(option(tree, "--model").names, ElementsAre("-m", "--model"));
  EXPECT_EQ(option(tree, "--model").value, "FILE");
  EXPECT_EQ(option(tree, "--out").kind, ValueKind::folder);
  EXPECT_EQ(option(tree, "--existing").kind, ValueKind::file);
  EXPECT_EQ(option(tree, "--shell").kind, ValueKind::choice);
  EXPECT_THAT(option(tree, "--shell").choices, ElementsAre("bash", "zsh"));
  EXPECT_EQ(option(tree, "--policy").kind, ValueKind::list);
  EXPECT_THAT(option(tree, "--policy").choices, ElementsAre("lru", "value"));
  EXPECT_EQ(option(tree, "--system").kind, ValueKind::text);
  EXPECT_EQ(option(tree, "--json").kind, ValueKind::none);
  EXPECT_EQ(option(tree, "--help").kind, ValueKind::none);
}

TEST_F(CommandTree, TellsLimitsDefaultsGroupsAndTheEnvironment) {
  app.add_option("--parallel", number, "Slots")
      ->check(CLI::Range(1, 64))
      ->type_name("N")
      ->capture_default_str()
      ->group("Server")
      ->envname("FOVEA_PARALLEL")
      ->required();
  app.add_option("--timeout", number)->check(CLI::PositiveNumber);
  app.add_option("--grace", number)->check(CLI::NonNegativeNumber);
  const CommandInfo tree = command_tree(app);
  const OptionInfo& parallel = option(tree, "--parallel");
  EXPECT_EQ(parallel.limits, "1 to 64");
  EXPECT_EQ(parallel.default_value, "4");
  EXPECT_EQ(parallel.group, "Server");
  EXPECT_EQ(parallel.environment, "FOVEA_PARALLEL");
  EXPECT_EQ(parallel.about, "Slots");
  EXPECT_TRUE(parallel.required);
  EXPECT_EQ(option(tree, "--timeout").limits, "above 0");
  EXPECT_EQ(option(tree, "--grace").limits, "0 or more");
  EXPECT_FALSE(option(tree, "--grace").required);
}

TEST_F(CommandTree, WordsWithoutAFlagNameFilesUnlessTheyAreChoices) {
  app.add_option("TRACE", texts, "Files")->required();
  app.add_option("SHELL", text)->check(CLI::IsMember({"bash", "zsh"}));
  const CommandInfo tree = command_tree(app);
  ASSERT_EQ(tree.positionals.size(), 2u);
  EXPECT_EQ(tree.positionals[0].value, "TRACE");
  EXPECT_EQ(tree.positionals[0].kind, ValueKind::file);
  EXPECT_TRUE(tree.positionals[0].repeats);
  EXPECT_TRUE(tree.positionals[0].required);
  EXPECT_EQ(tree.positionals[1].kind, ValueKind::choice);
  EXPECT_FALSE(tree.positionals[1].repeats);
}

TEST_F(CommandTree, WhatHelpHidesIsLeftOut) {
  app.add_option("--old-spelling", text)->group("");
  app.add_subcommand("hidden", "A verb that help does not list")->group("");
  const CommandInfo tree = command_tree(app);
  EXPECT_THROW(option(tree, "--old-spelling"), std::runtime_error);
  EXPECT_TRUE(tree.commands.empty());
}

TEST_F(CommandTree, VerbsHaveVerbsOfTheirOwn) {
  CLI::App& model = *app.add_subcommand("model", "Model files");
  model.add_subcommand("info", "Describe them")->footer("  fovea model info FILE");
  app.add_subcommand("ask", "Questions");
  const CommandInfo tree = command_tree(app);
  std::vector<std::string> paths, verbs;
  for (const CommandInfo* command : all_commands(tree)) {
    paths.push_back(command->path);
    verbs.push_back(verb_of(*command));
  }
  EXPECT_THAT(paths, ElementsAre("fovea", "fovea model", "fovea model info", "fovea ask"));
  EXPECT_THAT(verbs, ElementsAre("", "model", "model info", "ask"));
  EXPECT_EQ(tree.about, "A program.");
  EXPECT_EQ(tree.commands[0].commands[0].footer, "  fovea model info FILE");
}

}  // namespace
}  // namespace fovea::app
