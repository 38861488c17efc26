// upstream_refusal: what a client is told where the server behind this one fails. Thread-safe.
#pragma once

#include "fovea/result.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

// `error`: of Upstream. The client learns the kind of failure, with a code of its own; where that server is,
// and what exactly went wrong, is written to the server's own messages alone.
Refusal upstream_refusal(const Error& error);

}  // namespace fovea::serve
