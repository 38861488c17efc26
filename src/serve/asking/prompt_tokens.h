// prompt_tokens: how many tokens a request's prompt has, for the ways to count them. Nothing is encoded.
#pragma once

#include <cstdint>
#include <stop_token>

#include "pipeline/pipeline.h"

namespace fovea::serve {

// Counted are the tokens of a prompt that does not fit the context, too: a client asks in order to shorten
// it. Faults: those of Pipeline::lay_out; invalid for a text so long that nobody counts.
Result<std::int64_t> prompt_tokens(Pipeline& pipeline, const Request& request, std::stop_token stop);

}  // namespace fovea::serve
