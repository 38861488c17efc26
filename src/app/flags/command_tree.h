// The command line as plain data: every verb with its flags, as --help lists them, for those who write man
// pages and shell completion. Nothing here knows CLI11, so that one source alone (command_tree.cc) has to.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace fovea::app {

// What a shell can offer where a value is written.
enum class ValueKind {
  none,    // a flag: it takes no value
  text,    // anything: nothing can be offered
  file,    // a file's name
  folder,  // a folder's name
  choice,  // one of `choices`
  list,    // some of `choices`, with commas between
};

// A flag, or a word that stands without one (a positional).
struct OptionInfo {
  std::vector<std::string> names;  // "-m", "--model"; none of a positional
  std::string value;               // what stands for the value in a sentence: FILE; of a positional its name
  ValueKind kind = ValueKind::none;
  std::vector<std::string> choices;
  std::string limits;  // "1 to 64"; empty where every value will do
  std::string about;
  std::string default_value;
  std::string group;  // the heading that it stands under
  std::string environment;
  bool required = false;
  bool repeats = false;
};

struct CommandInfo {
  std::string path;  // "fovea model info"
  std::string about;
  std::string footer;  // paragraphs: sentences, examples (lines that are indented), exit codes
  std::vector<OptionInfo> options;
  std::vector<OptionInfo> positionals;
  std::vector<CommandInfo> commands;
};

// Everything that `app` defines and its help shows; what is hidden (an old spelling, say) is left out.
CommandInfo command_tree(const CLI::App& app);

// A command and all below it, the upper ones first. The pointers are into `root`.
std::vector<const CommandInfo*> all_commands(const CommandInfo& root);

// The part of a path behind the program's name: "model info"; empty for the program itself.
std::string verb_of(const CommandInfo& command);

}  // namespace fovea::app
