// The request's Cache-Control header (RFC 9111, 5.2.1), as far as it means something to a cache of answers.
#pragma once

#include <string_view>

#include "pipeline/request.h"

namespace fovea::serve {

// no-cache: nothing is read; no-store: nothing is written; max-age=N: no answer older than N seconds. All other directives are ignored, as the RFC asks, and so is what cannot be read.
CacheUse cache_use_of(std::string_view header);

}  // namespace fovea::serve
