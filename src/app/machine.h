// A description of this machine in one line, for reports whose numbers depend on it. Thread-safe.
#pragma once

#include <string>

namespace fovea::app {

// "AMD EPYC 7763, 2 processors, 23.4 GiB, Linux 6.1". What cannot be read is left out.
std::string machine_line();

}  // namespace fovea::app
