// audit_page: an audit's findings as a report with tables and figures. A pure function; thread-safe.
#pragma once

#include <span>
#include <string>

#include "audit/findings.h"
#include "report/page.h"

namespace fovea {

// `notes`: sentences about how the log was read, such as how many of its lines were no requests.
Page audit_page(const AuditFindings& findings, std::span<const std::string> notes = {});

}  // namespace fovea
