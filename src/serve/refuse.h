// refuse_with: a Refusal as the reply to a request.
#pragma once

#include "serve/exchange.h"
#include "serve/openai/refusal.h"

namespace fovea::serve {

void refuse_with(Exchange& exchange, const Refusal& refusal);

}  // namespace fovea::serve
