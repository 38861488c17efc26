// read_audit_entry: a line of an audit's own log (audit_line.h). Such a log may come from elsewhere, so its
// bytes are hostile.
#pragma once

#include "audit/audited_request.h"
#include "audit/log/entry/json.h"
#include "fovea/result.h"

namespace fovea {

// Writes the line's request into `request`, which is empty.
// Faults: invalid (no such line, or one of another version), too_large.
Result<void> read_audit_entry(const JsonFields& entry, AuditedRequest& request);

}  // namespace fovea
