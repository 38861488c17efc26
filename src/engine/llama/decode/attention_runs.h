// attention_runs: the runs of text and tiles that a attention summary at a prompt speaks of. Pure functions.
#pragma once

#include <vector>

#include "attention/token_run.h"
#include "engine/llama/decode/llama_layout.h"

namespace fovea::llama {

// The prompt's runs, in order.
std::vector<TokenRun> runs_of(const LlamaLayout& layout);

// Appends a run behind the last one, unless it is empty.
void append_run(std::vector<TokenRun>& runs, TokenRun run);

}  // namespace fovea::llama
