// attention_runs: the runs of text and tiles in which an attention summary is told, and which text of a
// prompt it counts. Pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "attention/token_run.h"
#include "engine/llama/decode/llama_layout.h"

namespace fovea::llama {

// The prompt's runs, in order.
std::vector<TokenRun> runs_of(const LlamaLayout& layout);

// Appends a run behind the last one, unless it is empty.
void append_run(std::vector<TokenRun>& runs, TokenRun run);

// Whether the text item at `text` stands behind an image and belongs to the request. Text between two tiles
// of one image is the model's own markup.
// REQUIRES: text is below items.size(), and that item is text.
bool is_question_text(std::span<const PromptItem> items, std::size_t text);

}  // namespace fovea::llama
