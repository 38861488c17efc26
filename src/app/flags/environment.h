// with_environment: flags that variables of the environment give (FOVEA_PORT for --port), as words of the
// command line. CLI11 reads such variables too, but it passes over a value that a check of the flag refuses.
// They read the environment, and so run while no other thread writes it.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace fovea::app {

// `args`, the command line behind the program's name, with the variables that name flags of its verb added as
// flags behind the verb. Left out are flags that `args` has too, which count before, and empty variables.
std::vector<std::string> with_environment(const CLI::App& app, const std::vector<std::string>& args);

// `message`, which is about flags of `verb`, with the names of the variables that gave these flags behind it.
std::string naming_variables(const CLI::App& verb, const std::string& message);

}  // namespace fovea::app
