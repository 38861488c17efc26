// read_har_entry: an entry of a HAR file (HTTP Archive 1.2), as browsers and proxies record them.
#pragma once

#include "audit/audited_request.h"
#include "audit/log/content/picture_reader.h"
#include "audit/log/entry/entry_reader.h"
#include "audit/log/entry/json.h"
#include "fovea/result.h"

namespace fovea {

// Writes the entry's request into `request`, which is empty. False: something else than a request to a model.
// Faults: invalid (it is no entry), too_large.
Result<bool> read_har_entry(const JsonFields& entry, EntryReader& bodies, PictureReader& pictures,
                            AuditedRequest& request);

}  // namespace fovea
