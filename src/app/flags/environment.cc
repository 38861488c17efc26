// A flag that came from a variable is told by its value, since nothing else is left of where it came from. A
// flag that was given with the very value of its variable is taken for one, too, which is not wrong either.
#include "app/flags/environment.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <format>
#include <string_view>

#include "app/flags/given_flags.h"

namespace fovea::app {

namespace {

// The value of the option's variable; empty where there is none.
std::string variable_of(const CLI::Option& option) {
  const char* value = option.get_envname().empty() ? nullptr : std::getenv(option.get_envname().c_str());
  return value == nullptr ? "" : value;
}

bool came_from_variable(const CLI::Option& option) {
  const std::string value = variable_of(option);
  std::string given;
  for (const std::string& one : option.results()) given.append(given.empty() ? "" : ",").append(one);
  return !value.empty() && value == given;
}

// Whether `message` has the flag as a word: not --log in --log-level.
bool mentions(std::string_view message, const std::string& flag) {
  for (std::size_t at = message.find(flag); at != std::string_view::npos; at = message.find(flag, at + 1)) {
    const std::size_t end = at + flag.size();
    if (end == message.size()) return true;
    const auto next = static_cast<unsigned char>(message[end]);
    if (next != '-' && std::isalnum(next) == 0) return true;
  }
  return false;
}

bool mentions(std::string_view message, const CLI::Option& option) {
  return std::ranges::any_of(option.get_lnames(),
                             [&](const std::string& name) { return mentions(message, "--" + name); });
}

}  // namespace

std::vector<std::string> with_environment(const CLI::App& app, const std::vector<std::string>& args) {
  const CLI::App* verb = args.empty() ? nullptr : app.get_subcommand_no_throw(args.front());
  if (verb == nullptr) return args;
  std::vector<std::string> all = {args.front()};
  for (const CLI::Option* option : verb->get_options()) {
    const std::string value = variable_of(*option);
    if (!value.empty() && !is_given(*option, args))
      all.push_back(std::format("--{}={}", option->get_single_name(), value));
  }
  all.insert(all.end(), args.begin() + 1, args.end());
  return all;
}

std::string naming_variables(const CLI::App& verb, const std::string& message) {
  std::string names;
  for (const CLI::Option* option : verb.get_options()) {
    if (mentions(message, *option) && came_from_variable(*option))
      names.append(names.empty() ? "" : ", ").append(option->get_envname());
  }
  return names.empty() ? message : std::format("{} (set in the environment: {})", message, names);
}

}  // namespace fovea::app
