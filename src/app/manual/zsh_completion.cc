// One function a command, each a call of zsh's own _arguments, which knows about flags that were given
// already. A word of a specification is written in single quotes; inside, a colon, a bracket and a backslash
// belong to _arguments and are escaped for it.
#include "app/manual/zsh_completion.h"

#include <algorithm>
#include <format>
#include <ranges>
#include <string_view>
#include <vector>

namespace fovea::app {

namespace {

constexpr std::string_view script_begin = "#compdef fovea\n# zsh completion for fovea. Made by: fovea completion zsh\n";

// Autoloaded, the file is the body of _fovea and is to run; sourced, it only tells zsh whose completion it
// is.
constexpr std::string_view script_end = R"(
if [[ ${funcstack[1]} == _fovea ]]; then
  _fovea "$@"
else
  compdef _fovea fovea
fi
)";

std::string function_name(const CommandInfo& command) {
  std::string name = "_" + command.path;
  std::ranges::replace(name, ' ', '_');
  return name;
}

// Text inside a quoted specification.
std::string escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\'')
      escaped += "'\\''";
    else if (c == '\n')
      escaped += ' ';
    else
      escaped += std::string_view("\\[]:").contains(c) ? std::string("\\") + c : std::string(1, c);
  }
  return escaped;
}

std::string joined(const std::vector<std::string>& words, char between) {
  return words | std::views::join_with(between) | std::ranges::to<std::string>();
}

// What _arguments does for a value; a space where there is nothing to offer.
std::string action(const OptionInfo& option) {
  switch (option.kind) {
    case ValueKind::file:
      return "_files";
    case ValueKind::folder:
      return "_files -/";
    case ValueKind::choice:
      return "(" + joined(option.choices, ' ') + ")";
    case ValueKind::list:
      return "_values -s , name " + joined(option.choices, ' ');
    case ValueKind::none:
    case ValueKind::text:
      break;
  }
  return " ";
}

// "'(-m --model)'{-m,--model=}'[The decoder]:FILE:_files'": a flag that excludes its other spelling.
std::string specification(const OptionInfo& option) {
  const bool takes_value = option.kind != ValueKind::none;
  std::vector<std::string> names = option.names;
  for (std::string& name : names) name += !takes_value ? "" : name.starts_with("--") ? "=" : "+";
  const std::string text = std::format("[{}]{}", escaped(option.about),
                                       takes_value ? std::format(":{}:{}", escaped(option.value), action(option)) : "");
  const std::string repeated = option.repeats ? "*" : "";
  if (names.size() == 1) return std::format("'{}{}{}'", repeated, names.front(), text);
  const std::string others = option.repeats ? "'*'" : std::format("'({})'", joined(option.names, ' '));
  return std::format("{}{{{}}}'{}'", others, joined(names, ','), text);
}

std::string arguments(const CommandInfo& command) {
  std::string text;
  const auto add = [&](const std::string& specification) { text += " \\\n    " + specification; };
  for (const OptionInfo& option : command.options) add(specification(option));
  for (const OptionInfo& word : command.positionals)
    add(std::format("'{}:{}:{}'", word.repeats ? "*" : "", escaped(word.value), action(word)));
  return text;
}

std::string function(const CommandInfo& command) {
  std::string text = std::format("\n{}() {{\n", function_name(command));
  if (command.commands.empty()) return text + "  _arguments -S" + arguments(command) + "\n}\n";
  std::string verbs, cases;
  for (const CommandInfo& below : command.commands) {
    const std::string verb = below.path.substr(command.path.size() + 1);
    verbs += std::format(" \\\n      '{}:{}'", verb, escaped(below.about));
    cases += std::format("    {}) {} ;;\n", verb, function_name(below));
  }
  text += "  local context state state_descr line\n  typeset -A opt_args\n";
  text += "  _arguments -C" + arguments(command) + " \\\n    '1: :->command' '*:: :->words'\n";
  text += std::format("  case $state in\n  command)\n    local -a commands=({})\n", verbs);
  text += "    _describe command commands ;;\n  words)\n    case $words[1] in\n" + cases + "    esac ;;\n  esac\n}\n";
  return text;
}

}  // namespace

std::string zsh_completion(const CommandInfo& root) {
  std::string script(script_begin);
  for (const CommandInfo* command : all_commands(root)) script += function(*command);
  return script.append(script_end);
}

}  // namespace fovea::app
