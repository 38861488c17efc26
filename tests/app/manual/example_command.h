// A command line with every kind of flag, and files for what is made from it.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "app/flags/command_tree.h"

namespace fovea::app {

inline CommandInfo example_command() {
  const OptionInfo help{.names = {"-h", "--help"}, .about = "Print help", .group = "OPTIONS"};
  CommandInfo root{.path = "fovea", .about = "A cache: it keeps what was computed.", .options = {help}};
  root.commands.push_back(
      {.path = "fovea ask",
       .about = "Ask questions",
       .footer = "A paragraph.\n\n  fovea ask 'what?' -m a.gguf\n\nExit codes: 0 answered, 1 failed.",
       .options =
           {help,
            {.names = {"-m", "--model"},
             .value = "FILE",
             .kind = ValueKind::file,
             .about = "The decoder: a [GGUF] file, it's",
             .group = "Model"},
            {.names = {"--out"}, .value = "DIR", .kind = ValueKind::folder, .about = "A folder", .group = "Model"},
            {.names = {"--format"},
             .value = "NAME",
             .kind = ValueKind::choice,
             .choices = {"text", "json"},
             .about = "The format",
             .default_value = "text",
             .group = "Output"},
            {.names = {"--policy"},
             .value = "LIST",
             .kind = ValueKind::list,
             .choices = {"lru", "value"},
             .about = "Policies",
             .group = "Output"},
            {.names = {"--threads"},
             .value = "N",
             .kind = ValueKind::text,
             .limits = "1 to 64",
             .about = "Threads",
             .default_value = "4",
             .group = "Output",
             .environment = "FOVEA_THREADS",
             .required = true},
            {.names = {"--json"}, .about = "Print JSON", .group = "Output"}},
       .positionals = {
           {.value = "PICTURE", .kind = ValueKind::file, .about = "Pictures", .required = true, .repeats = true}}});
  CommandInfo model{.path = "fovea model", .about = "Model files", .options = {help}};
  model.commands.push_back({.path = "fovea model info", .about = "Describe them", .options = {help}});
  root.commands.push_back(std::move(model));
  return root;
}

// A file of this test, removed at its end.
class TextFile {
 public:
  explicit TextFile(const std::string& content) { std::ofstream(path_) << content; }
  ~TextFile() { std::filesystem::remove(path_); }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  std::string path() const { return path_.string(); }

 private:
  const std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("fovea-manual-test-" + std::to_string(::getpid()));
};

// Whether the system has this program.
inline bool has_program(const std::string& name) {
  return std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;
}

// What a command of the shell prints on both of its outputs.
inline std::string output_of(const std::string& command) {
  std::string text;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return "the command cannot be run";
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  ::pclose(pipe);
  return text;
}

}  // namespace fovea::app
