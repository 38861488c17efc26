// A manual page of a command, made from what its --help says.
#pragma once

#include <string>
#include <string_view>

#include "app/flags/command_tree.h"

namespace fovea::app {

// What stands in the head and the foot of a page.
struct ManEdition {
  std::string version;  // "0.2.0"
  std::string date;     // "2026-11-29"
};

// The page of `command` in roff with the macros of man(7), as groff and mandoc read it. `parent` is the
// command above it, for SEE ALSO; null for the program itself. Text in, text out: thread-safe.
std::string man_page(const CommandInfo& command, const CommandInfo* parent, const ManEdition& edition);

// The name of a page and of its file, without the section: "fovea-model-info".
std::string man_name(const CommandInfo& command);

}  // namespace fovea::app
