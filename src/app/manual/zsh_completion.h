// Completion of the command line for zsh.
#pragma once

#include <string>

#include "app/flags/command_tree.h"

namespace fovea::app {

// A script for a folder of zsh's $fpath, under the name _fovea; it can also be sourced behind compinit.
// Text in, text out: thread-safe.
std::string zsh_completion(const CommandInfo& root);

}  // namespace fovea::app
