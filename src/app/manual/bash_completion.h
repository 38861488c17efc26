// Completion of the command line for bash.
#pragma once

#include <string>

#include "app/flags/command_tree.h"

namespace fovea::app {

// A script that bash sources. It needs nothing but bash itself. Text in, text out: thread-safe.
std::string bash_completion(const CommandInfo& root);

}  // namespace fovea::app
