// audit_notes: what a person must know of how the logs were read. A pure function.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "audit/read_log.h"

namespace fovea::app {

// A sentence each; none where everything was read.
std::vector<std::string> audit_notes(std::span<const LogSummary> logs);

}  // namespace fovea::app
