// One `complete` a flag and a verb, each with the condition that the words before the cursor name its
// command. fish offers files everywhere unless told not to; here only where a file is meant.
#include "app/manual/fish_completion.h"

#include <format>
#include <ranges>
#include <string_view>
#include <vector>

namespace fovea::app {

namespace {

constexpr std::string_view script_begin = R"(# fish completion for fovea. Made by: fovea completion fish

# Whether the words before the cursor name the command $argv, and no command below it.
function __fovea_is
    set -l words (commandline -opc)
    set -e words[1]
    set -l command fovea
    for word in $words
        if contains -- "$command $word" $__fovea_commands
            set command "$command $word"
        end
    end
    test "$command" = "$argv"
end

# The words $argv, each behind what stands before the last comma.
function __fovea_list
    set -l before (string replace -r '^--[^=]*=' '' -- (commandline -ct) | string match -r '^.*,')
    test -n "$before"; or set before ''
    printf '%s\n' $before$argv
end

complete -c fovea -f
)";

// Text in single quotes, where fish knows two escapes.
std::string shell_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted + "'";
}

std::string joined(const std::vector<std::string>& words) {
  return words | std::views::join_with(' ') | std::ranges::to<std::string>();
}

// The flags of `complete` that say what a value may be.
std::string value(const OptionInfo& option) {
  switch (option.kind) {
    case ValueKind::none:
      return "";
    case ValueKind::text:
      return " -x";
    case ValueKind::file:
      return " -r -F";
    case ValueKind::folder:
      return " -x -a '(__fish_complete_directories)'";
    case ValueKind::choice:
      return " -x -a " + shell_quoted(joined(option.choices));
    case ValueKind::list:
      return " -x -a " + shell_quoted("(__fovea_list " + joined(option.choices) + ")");
  }
  return "";
}

std::string lines_of(const CommandInfo& command) {
  const std::string begin = std::format("complete -c fovea -n {}", shell_quoted("__fovea_is " + command.path));
  std::string text = "\n";
  for (const CommandInfo& below : command.commands)
    text +=
        std::format("{} -a {} -d {}\n", begin, below.path.substr(command.path.size() + 1), shell_quoted(below.about));
  for (const OptionInfo& option : command.options) {
    text += begin;
    for (const std::string& name : option.names)
      text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    text += std::format("{} -d {}\n", value(option), shell_quoted(option.about));
  }
  for (const OptionInfo& word : command.positionals) {
    if (word.kind == ValueKind::file) text += begin + " -F\n";
    if (word.kind == ValueKind::choice) text += std::format("{} -a {}\n", begin, shell_quoted(joined(word.choices)));
  }
  return text;
}

}  // namespace

std::string fish_completion(const CommandInfo& root) {
  std::string script(script_begin), paths;
  const auto all = all_commands(root);
  for (const CommandInfo* command : all) {
    if (command != &root) paths += " " + shell_quoted(command->path);
    script += lines_of(*command);
  }
  return script + "\nset -g __fovea_commands" + paths + '\n';
}

}  // namespace fovea::app
