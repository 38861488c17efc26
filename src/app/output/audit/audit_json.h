// audit_json: an audit's findings as one JSON document. A pure function.
#pragma once

#include <span>
#include <string>

#include "audit/findings.h"
#include "audit/read_log.h"

namespace fovea::app {

// One line. Counts, times and names of clients, routes and models, and no content. `logs`: what there was in
// each file.
std::string audit_json(const AuditFindings& findings, std::span<const LogSummary> logs);

}  // namespace fovea::app
