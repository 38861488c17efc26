// cache_use_of: what a request's Cache-Control header (RFC 9111, 5.2.1) allows the cache. Pure functions.
#pragma once

#include <string_view>

#include "pipeline/request.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

// no-cache: nothing is read; no-store: nothing is written; max-age=N: no answer older than N seconds;
// only-if-cached: a stored answer or none. All other directives are ignored, as the RFC asks, and so are
// malformed ones.
CacheUse cache_use_of(std::string_view header);

// The refusal of a request whose answer failed. Where it wanted a stored answer only and there is none, the
// status is 504, as the RFC says (5.2.1.7).
Refusal refusal_of(const Error& error, const CacheUse& use);

}  // namespace fovea::serve
