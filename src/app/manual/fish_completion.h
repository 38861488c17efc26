// Completion of the command line for fish.
#pragma once

#include <string>

#include "app/flags/command_tree.h"

namespace fovea::app {

// A script for a folder of fish's $fish_complete_path, under the name fovea.fish. Text in, text out:
// thread-safe.
std::string fish_completion(const CommandInfo& root);

}  // namespace fovea::app
