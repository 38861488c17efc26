// read_request_body: the body of one request, whichever API it is of. A function over one request.
#pragma once

#include "audit/audited_request.h"
#include "audit/log/content/picture_reader.h"
#include "audit/log/entry/json.h"
#include "fovea/result.h"

namespace fovea {

// Whether the object has what only a request's body has: messages, or an input or a prompt.
bool is_request_body(const JsonFields& body);

// Writes what changes an answer besides the prompt: settings_hash and deterministic.
void read_settings(const JsonFields& fields, AuditedRequest& request);

// Writes model, settings, parts and pictures of `body` into `request`, and the client and the route if they
// are empty and the body tells them.
// Faults: invalid (it is no body of a request), too_large (it has too many parts).
Result<void> read_request_body(const JsonFields& body, PictureReader& pictures, AuditedRequest& request);

}  // namespace fovea
