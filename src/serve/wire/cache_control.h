// cache_use_of: what a request's Cache-Control header (RFC 9111, 5.2.1) allows the cache. A pure function.
#pragma once

#include <string_view>

#include "pipeline/request.h"

namespace fovea::serve {

// no-cache: nothing is read; no-store: nothing is written; max-age=N: no answer older than N seconds. All
// other directives are ignored, as the RFC asks, and so are malformed ones.
CacheUse cache_use_of(std::string_view header);

}  // namespace fovea::serve
