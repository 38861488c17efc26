// The script finds the verb among the words before the cursor, then the flag whose value is being written, if
// any. The verbs, flags and values are two `case` statements; all else is the same for every program.
//
// bash ends words at "=", so --policy=lru reaches the script as three words, and at its start the second of
// them may be the last. File names are left to readline (compopt), which alone quotes them rightly.
#include "app/manual/bash_completion.h"

#include <format>
#include <ranges>
#include <string_view>
#include <vector>

namespace fovea::app {

namespace {

constexpr std::string_view script_begin = R"(# bash completion for fovea. Made by: fovea completion bash

# Offers the words $1 that begin with $cur.
_fovea_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }

# Offers the words $1 for the part of $cur behind its last comma.
_fovea_list() {
  local before=
  [[ $cur == *,* ]] && before=${cur%,*},
  mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "${cur##*,}")
  compopt -o nospace 2>/dev/null
}

_fovea_files() { compopt -o default 2>/dev/null; }
_fovea_folders() { compopt -o dirnames 2>/dev/null; }

_fovea() {
  local cur=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD - 1]} command=fovea i
  COMPREPLY=()
  if [[ $cur == = ]]; then
    cur=
  elif [[ $flag == = ]] && ((COMP_CWORD > 1)); then
    flag=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command ${COMP_WORDS[i]}" in
)";

constexpr std::string_view script_end = "\ncomplete -F _fovea fovea\n";

std::string shell_quoted(std::string_view word) { return std::format("'{}'", word); }

std::string joined(const std::vector<std::string>& words) {
  return words | std::views::join_with(' ') | std::ranges::to<std::string>();
}

// The call that offers an option's values; empty where there is nothing to offer.
std::string offer(const OptionInfo& option) {
  switch (option.kind) {
    case ValueKind::file:
      return "_fovea_files";
    case ValueKind::folder:
      return "_fovea_folders";
    case ValueKind::choice:
      return "_fovea_words " + shell_quoted(joined(option.choices));
    case ValueKind::list:
      return "_fovea_list " + shell_quoted(joined(option.choices));
    case ValueKind::none:
    case ValueKind::text:
      break;
  }
  return "";
}

// "  'fovea ask --model' | 'fovea ask -m') _fovea_files; return ;;" for each flag that takes a value.
std::string value_cases(const CommandInfo& command) {
  std::string text;
  for (const OptionInfo& option : command.options) {
    if (option.kind == ValueKind::none) continue;
    std::string pattern;
    for (const std::string& name : option.names)
      pattern += (pattern.empty() ? "" : " | ") + shell_quoted(command.path + ' ' + name);
    const std::string call = offer(option);
    text += std::format("    {}) {}return ;;\n", pattern, call.empty() ? "" : call + "; ");
  }
  return text;
}

// What may stand where no flag waits for its value.
std::string word_case(const CommandInfo& command) {
  std::string flags, words;
  for (const OptionInfo& option : command.options) flags += (flags.empty() ? "" : " ") + joined(option.names);
  for (const CommandInfo& below : command.commands)
    words += (words.empty() ? "" : " ") + below.path.substr(command.path.size() + 1);
  std::string call = words.empty() ? "" : "_fovea_words " + shell_quoted(words);
  for (const OptionInfo& word : command.positionals) call = offer(word);
  return std::format("    {})\n      if [[ $cur == -* ]]; then _fovea_words {}{}; fi ;;\n", shell_quoted(command.path),
                     shell_quoted(flags), call.empty() ? "" : "; else " + call);
}

}  // namespace

std::string bash_completion(const CommandInfo& root) {
  const auto all = all_commands(root);
  std::string script(script_begin), paths, values, words;
  for (const CommandInfo* command : all) {
    if (command != &root) paths += (paths.empty() ? "" : " | ") + shell_quoted(command->path);
    values += value_cases(*command);
    words += word_case(*command);
  }
  script += std::format("      {}) command+=\" ${{COMP_WORDS[i]}}\" ;;\n    esac\n  done\n", paths);
  script += std::format("  case \"$command $flag\" in\n{}  esac\n", values);
  script += std::format("  case $command in\n{}  esac\n}}\n", words);
  return script.append(script_end);
}

}  // namespace fovea::app
