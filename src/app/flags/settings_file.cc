// The file's lines are put into the command line as flags behind the verb, and CLI11 parses the whole. CLI11
// can read such a file itself, but it lets the file count before the environment.
#include "app/flags/settings_file.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <optional>

namespace fovea::app {

namespace {

constexpr std::string_view config_flag = "--config";

// The value of a flag among `args`, which may be written as one word or as two; nullopt where the flag is
// absent.
std::optional<std::string> value_of(std::string_view flag, const std::vector<std::string>& args) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i] == flag) return i + 1 < args.size() ? args[i + 1] : "";
    if (args[i].starts_with(std::string(flag) + "=")) return args[i].substr(flag.size() + 1);
  }
  return std::nullopt;
}

bool is_given(const CLI::Option& option, const std::vector<std::string>& args) {
  const auto among_args = [&](const std::string& flag) { return value_of(flag, args).has_value(); };
  for (const std::string& name : option.get_lnames()) {
    if (among_args("--" + name)) return true;
  }
  for (const std::string& name : option.get_snames()) {
    if (among_args("-" + name)) return true;
  }
  const char* in_environment = option.get_envname().empty() ? nullptr : std::getenv(option.get_envname().c_str());
  return in_environment != nullptr;
}

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
  const auto file = value_of(config_flag, args);
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
