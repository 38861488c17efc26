// The file's lines are put into the command line as flags behind the verb, and CLI11 parses the whole. CLI11
// can read such a file itself, but it lets the file count before the environment.
#include "app/flags/settings_file.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <format>

#include "app/flags/given_flags.h"

namespace fovea::app {

namespace {

constexpr std::string_view config_flag = "--config";

Result<std::vector<CLI::ConfigItem>> read(const std::string& file) try {
  if (!std::filesystem::is_regular_file(file)) return fail(Fault::not_found, file + ": there is no such settings file");
  return CLI::ConfigTOML().from_file(file);
} catch (const CLI::Error& error) {
  return fail(Fault::invalid, std::format("{}: {}", file, error.what()));
}

}  // namespace

Result<std::vector<std::string>> with_settings_file(const CLI::App& app, const std::vector<std::string>& args) {
  if (args.empty()) return args;
  const CLI::App* verb = app.get_subcommand_no_throw(args.front());
  if (verb == nullptr || verb->get_option_no_throw(std::string(config_flag)) == nullptr) return args;
  const auto file = given_value(config_flag, args);
  if (!file) return args;
  const auto items = read(*file);
  if (!items) return std::unexpected(items.error());
  std::vector<std::string> all = {args.front()};
  for (const CLI::ConfigItem& item : *items) {
    const CLI::Option* option = item.parents.empty() ? verb->get_option_no_throw("--" + item.name) : nullptr;
    if (option == nullptr || !option->get_configurable())
      return fail(Fault::invalid,
                  std::format("{}: {} is no setting of fovea {}", *file, item.fullname(), args.front()));
    if (is_given(*option, args)) continue;
    for (const std::string& value : item.inputs) {
      if (!value.empty()) all.push_back(std::format("--{}={}", item.name, value));
    }
  }
  all.insert(all.end(), args.begin() + 1, args.end());
  return all;
}

}  // namespace fovea::app
