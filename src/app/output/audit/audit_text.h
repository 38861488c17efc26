// audit_text: an audit's findings for a terminal, on one page. A pure function.
#pragma once

#include <span>
#include <string>

#include "audit/findings.h"

namespace fovea::app {

// The answer first, then the tables. What has no room, such as the tenth spoiler, is left to --json and
// --report. `notes`: sentences about how the log was read.
std::string audit_text(const AuditFindings& findings, std::span<const std::string> notes = {});

}  // namespace fovea::app
