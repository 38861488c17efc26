#include "app/flags/given_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace fovea::app {

std::optional<std::string> given_value(std::string_view flag, const std::vector<std::string>& args) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i] == flag) return i + 1 < args.size() ? args[i + 1] : "";
    if (args[i].starts_with(std::string(flag) + "=")) return args[i].substr(flag.size() + 1);
  }
  return std::nullopt;
}

bool is_given(const CLI::Option& option, const std::vector<std::string>& args) {
  const auto among_args = [&](const std::string& flag) { return given_value(flag, args).has_value(); };
  return std::ranges::any_of(option.get_lnames(), [&](const std::string& name) { return among_args("--" + name); }) ||
         std::ranges::any_of(args, [&](const std::string& arg) {  // its value may stand right behind a letter: -t4
           return arg.size() > 1 && arg[0] == '-' && std::ranges::contains(option.get_snames(), arg.substr(1, 1));
         });
}

}  // namespace fovea::app
