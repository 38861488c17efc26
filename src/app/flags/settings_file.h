// Settings files: flags of a verb as lines of a TOML file, for verbs that have a flag --config.
#pragma once

#include <string>
#include <vector>

#include "fovea/result.h"

namespace CLI {
class App;
}

namespace fovea::app {

// `args`, the command line behind the program's name, with the lines of the file that --config names added as
// flags behind the verb. Left out are settings that `args` has too, which count before the file; those of
// the environment are among them (with_environment).
// Faults: not_found and invalid, with the file's name before the sentence.
Result<std::vector<std::string>> with_settings_file(const CLI::App& app, const std::vector<std::string>& args);

}  // namespace fovea::app
