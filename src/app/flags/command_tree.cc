// Reads CLI11's definitions. Everything comes from its public accessors but the checks of a value, which
// CLI11 tells only as a text behind the type's name: "NAME:{csv,jsonl}", "N:INT in [1 - 64]", "FILE:FILE".
// That text is what --help prints too, so a page can never say something else than the help does.
#include "app/flags/command_tree.h"

#include <CLI/CLI.hpp>
#include <array>
#include <ranges>
#include <string_view>
#include <utility>

namespace fovea::app {

namespace {

constexpr std::string_view list_type = "LIST";  // what our flags call a value of several words with commas between

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(text, at)) parts.emplace_back(part.begin(), part.end());
  return parts;
}

// "INT in [1 - 64]" as "1 to 64"; empty for what is no limit.
std::string limits_of(std::string_view check) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> named = {
      {{"POSITIVE", "above 0"}, {"NONNEGATIVE", "0 or more"}}};
  for (const auto& [name, words] : named) {
    if (check == name) return std::string(words);
  }
  constexpr std::string_view before = " in [", between = " - ";
  const std::size_t first = check.find(before), middle = check.find(between, first);
  if (first == std::string_view::npos || middle == std::string_view::npos || !check.ends_with(']')) return "";
  const std::size_t low = first + before.size(), high = middle + between.size();
  return std::string(check.substr(low, middle - low)) + " to " +
         std::string(check.substr(high, check.size() - 1 - high));
}

ValueKind kind_of(const OptionInfo& option) {
  if (!option.choices.empty()) return option.value == list_type ? ValueKind::list : ValueKind::choice;
  if (option.value == "FILE") return ValueKind::file;
  if (option.value == "DIR") return ValueKind::folder;
  return ValueKind::text;
}

void read_value(const CLI::Option& from, OptionInfo& option) {
  const std::vector<std::string> parts = split(from.get_type_name(), ':');
  option.value = parts.empty() ? "" : parts.front();
  for (const std::string& check : parts | std::views::drop(1)) {
    if (check.starts_with('{') && check.ends_with('}'))
      option.choices = split(std::string_view(check).substr(1, check.size() - 2), ',');
    else if (std::string limits = limits_of(check); !limits.empty())
      option.limits = std::move(limits);
  }
  option.kind = kind_of(option);
}

OptionInfo option_of(const CLI::Option& from) {
  OptionInfo option{.about = from.get_description(),
                    .default_value = from.get_default_str(),
                    .group = from.get_group(),
                    .environment = from.get_envname(),
                    .required = from.get_required(),
                    .repeats = from.get_expected_max() == CLI::detail::expected_max_vector_size};
  for (const std::string& name : from.get_snames()) option.names.push_back("-" + name);
  for (const std::string& name : from.get_lnames()) option.names.push_back("--" + name);
  if (from.get_items_expected_max() > 0) read_value(from, option);
  if (!option.names.empty()) return option;
  option.value = from.get_name(true);
  if (option.kind == ValueKind::text) option.kind = ValueKind::file;  // the words of our verbs name files
  return option;
}

CommandInfo command_of(const CLI::App& app, const std::string& above) {
  CommandInfo command{.path = above + app.get_name(), .about = app.get_description(), .footer = app.get_footer()};
  for (const CLI::Option* from : app.get_options()) {
    if (from->get_group().empty()) continue;
    OptionInfo option = option_of(*from);
    (option.names.empty() ? command.positionals : command.options).push_back(std::move(option));
  }
  const auto shown = [](const CLI::App* verb) { return !verb->get_group().empty() && !verb->get_name().empty(); };
  for (const CLI::App* verb : app.get_subcommands(shown))
    command.commands.push_back(command_of(*verb, command.path + " "));
  return command;
}

}  // namespace

CommandInfo command_tree(const CLI::App& app) { return command_of(app, ""); }

std::vector<const CommandInfo*> all_commands(const CommandInfo& root) {
  std::vector<const CommandInfo*> all = {&root};
  for (const CommandInfo& command : root.commands) all.append_range(all_commands(command));
  return all;
}

std::string verb_of(const CommandInfo& command) {
  const std::size_t space = command.path.find(' ');
  return space == std::string::npos ? "" : command.path.substr(space + 1);
}

}  // namespace fovea::app
