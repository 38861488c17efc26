// call_token_ids: the control tokens that a model writes tool calls with. Pure; thread-safe.
#pragma once

#include <llama.h>

#include <vector>

#include "engine/tools/tool_format.h"

namespace fovea::llama {

// Those of `format` (call_tokens) that the vocabulary has as one token each, and that are control tokens
// there: all others are text of an answer anyway.
std::vector<llama_token> call_token_ids(const llama_vocab& vocab, ToolFormat format);

}  // namespace fovea::llama
