// read_litellm_entry: an entry of what LiteLLM logs: its standard logging payload, alone or as a callback has
// it.
#pragma once

#include "audit/audited_request.h"
#include "audit/log/content/picture_reader.h"
#include "audit/log/entry/json.h"
#include "fovea/result.h"

namespace fovea {

// Writes the entry's request into `request`, which is empty. False: a call of another kind, such as an
// embedding.
// Faults: invalid (no such entry, or its messages were taken out), too_large.
Result<bool> read_litellm_entry(const JsonFields& entry, PictureReader& pictures, AuditedRequest& request);

}  // namespace fovea
