// SlotTask: one request's stay in the decoder, as the engine's thread sees it.
//
// The request's thread says what it wants and waits until that ended; in between, the slot task belongs to the engine's
// thread. So nothing here needs a lock.
#pragma once

#include <llama.h>

#include <future>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/attention_summary.h"
#include "engine/caller.h"
#include "engine/llama/decode/answer_decoder.h"
#include "engine/llama/decode/llama_layout.h"
#include "engine/llama/decode/sequences.h"
#include "fovea/blob.h"
#include "fovea/key.h"
#include "fovea/result.h"

namespace fovea::llama {

struct SlotTask {
  const LlamaLayout& layout;
  const std::vector<Key> prefix_hashes;  // empty: nothing is remembered
  const std::uint32_t cells;             // for the prompt and its answer
  const Caller caller;

  Sequence* sequence = nullptr;  // null while it waits for one
  bool diverged = false;
  std::size_t cached_items = 0;  // items of the prompt that were read
  llama_pos position = 0;        // where the next token goes
  std::uint32_t written = 0;     // tokens of the answer that were read back
  double acquired_ms = 0;        // when it got its sequence
  double spent_ms = 0;           // as in Slot

  AttentionSummary* summary = nullptr;
  std::span<const std::vector<Blob>> embeddings;
  std::vector<float> logits;  // behind the prompt, once it was read
  std::optional<AnswerDecoder> writer;
  Generation generation;

  // Its part of the batch that is computed.
  std::size_t batch_end = 0;      // behind its last item there, of a prompt
  std::uint32_t batch_count = 0;  // tokens
  std::int32_t batch_row = -1;    // whose logits are wanted

  std::optional<std::promise<Result<void>>> ending;

  bool stopped() const { return caller.stop.stop_requested(); }
  bool whole_prompt_cached() const { return cached_items == layout.items().size(); }
  const PromptItem& next_item() const { return layout.items()[cached_items]; }
};

}  // namespace fovea::llama
