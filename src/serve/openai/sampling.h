// read_sampling: how an answer's tokens are chosen and when it ends, as OpenAI's requests say it.
#pragma once

#include "engine/engine.h"
#include "serve/wire/json_reader.h"

namespace fovea::serve {

// The options of `body`, on top of `defaults`. Read are temperature, top_p, seed, stop, max_tokens, max_completion_tokens,
// max_output_tokens, frequency_penalty, presence_penalty and logit_bias; and llama.cpp's top_k and min_p.
Parsed<GenerateOptions> read_sampling(const JsonObject& body, const GenerateOptions& defaults);

}  // namespace fovea::serve
