// read_sampling: the fields of OpenAI's requests that choose an answer's tokens and its end. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "serve/wire/json_reader.h"

namespace fovea::serve {

// The options of `body`, on top of `defaults`. Reads temperature, top_p, seed, stop, max_tokens,
// max_completion_tokens, max_output_tokens, frequency_penalty, presence_penalty and logit_bias; and
// llama.cpp's top_k, min_p and n_predict. As there, -1 is a fresh seed, all tokens for top_k, and an answer
// as long as the context allows.
Parsed<GenerateOptions> read_sampling(const JsonObject& body, const GenerateOptions& defaults);

// The texts that end an answer: `field` of `body`, a text or a list of texts. `stops` stays if there is none.
Parsed<void> read_stops(const JsonObject& body, std::string_view field, std::vector<std::string>& stops);

}  // namespace fovea::serve
