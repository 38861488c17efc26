// savings_of: what each level, memories of several sizes, disks, several nodes and a shared tier would have
// saved on a log, in time, tokens and money. A pure function, but for the time that it takes.
#pragma once

#include <cstdint>
#include <vector>

#include "audit/audit.h"
#include "audit/findings.h"
#include "audit/prompts/token_fit.h"
#include "audit/savings/way_trace.h"
#include "base/progress.h"

namespace fovea {

// REQUIRES: the trace has a request.
SavingsFindings savings_of(const WayTrace& trace, const AuditSettings& settings, const TokenFit& fit,
                           const Progress& progress = {});

}  // namespace fovea
