// set_up_log: the format of a server's log on standard error: lines for people, or JSON for programs.
#pragma once

#include <string>

#include "fovea/result.h"

namespace fovea::app {

// For the whole process. `format`: text or json; `level`: debug, info, warning, error. Faults:
// invalid.
Result<void> set_up_log(const std::string& format, const std::string& level);

}  // namespace fovea::app
