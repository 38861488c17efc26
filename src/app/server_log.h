// server_log: how a server's log looks: lines for a person, or JSON for machines, on standard error.
#pragma once

#include <string>

#include "fovea/result.h"

namespace fovea::app {

// Sets up the log of the process. `format`: text or json; `level`: debug, info, warning, error. Faults: invalid.
Result<void> set_up_log(const std::string& format, const std::string& level);

}  // namespace fovea::app
