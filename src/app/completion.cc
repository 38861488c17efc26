// fovea completion: what a shell needs to complete fovea's command line, made from the verbs' own
// definitions.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <print>
#include <string>

#include "app/flags/command_tree.h"
#include "app/manual/bash_completion.h"
#include "app/manual/fish_completion.h"
#include "app/manual/zsh_completion.h"
#include "app/verbs.h"

namespace fovea::app {

namespace {

std::string script_for(const std::string& shell, const CommandInfo& root) {
  if (shell == "zsh") return zsh_completion(root);
  if (shell == "fish") return fish_completion(root);
  return bash_completion(root);
}

}  // namespace

void add_completion(CLI::App& app, int& exit_code) {
  auto shell = std::make_shared<std::string>();
  CLI::App& completion = *app.add_subcommand("completion", "Print a script that completes verbs, flags and values");
  completion.footer(
      "cmake --install puts the scripts where the shells look for them. Without it:\n\n"
      "  source <(fovea completion bash)                        in ~/.bashrc\n"
      "  source <(fovea completion zsh)                         in ~/.zshrc, behind compinit\n"
      "  fovea completion fish > ~/.config/fish/completions/fovea.fish\n\n"
      "Exit codes: 0 printed, 2 wrong usage.");
  completion.add_option("SHELL", *shell, "The shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("")
      ->option_text("bash | zsh | fish");
  completion.callback([shell, &app, &exit_code] {
    std::print("{}", script_for(*shell, command_tree(app)));
    exit_code = 0;
  });
}

}  // namespace fovea::app
