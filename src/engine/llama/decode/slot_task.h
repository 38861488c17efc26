// SlotTask: the state of one request's slot, as the engine's thread sees it.
//
// The request's thread submits one operation at a time and waits for its outcome. In between, the slot task
// belongs to the engine's thread, so nothing here needs a lock. Borrows the layout, the embeddings and the
// attention summary; the sequence belongs to Sequences.
#pragma once

#include <llama.h>

#include <cstdint>
#include <future>
#include <optional>
#include <span>
#include <vector>

#include "engine/attention_summary.h"
#include "engine/caller.h"
#include "engine/llama/decode/answer_decoder.h"
#include "engine/llama/decode/llama_layout.h"
#include "engine/llama/decode/sequences.h"
#include "engine/llama/decode/states/prefix_state.h"
#include "engine/llama/draft/answer_drafts.h"
#include "fovea/blob.h"
#include "fovea/key.h"
#include "fovea/result.h"

namespace fovea::llama {

// A state that is copied when the prefill stands behind these items.
struct KeptState {
  std::size_t items = 0;
  std::uint64_t bytes_max = 0;
  std::optional<CopiedState> state;
};

struct SlotTask {
  const LlamaLayout& layout;
  const std::vector<Key> prefix_hashes;  // one an item; empty: nothing is found in the sequence or kept in it
  const std::uint32_t cells;             // KV cells for the prompt and its answer
  const Caller caller;

  Sequence* sequence = nullptr;      // null while the task waits for one
  bool diverged = false;             // as in Slot
  std::size_t prefilled_items = 0;   // items of the prompt that the sequence holds, cached ones included
  llama_pos position = 0;            // of the next token
  std::uint32_t decoded_tokens = 0;  // tokens of the answer that the sequence holds
  double acquired_at_ms = 0;         // when the task got its sequence
  double spent_ms = 0;               // as in Slot

  AttentionSummary* summary = nullptr;
  std::span<const std::vector<Blob>> embeddings;
  std::vector<KeptState> kept_states;
  std::vector<float> logits;  // behind the prompt, once it was prefilled
  std::optional<AnswerDecoder> answer;
  std::optional<AnswerDrafts> drafts;  // of the answer; absent = none are made
  Generation generation;

  // The task's part of the batch that is computed.
  std::size_t batch_end = 0;      // behind its last item of the prompt
  std::uint32_t batch_count = 0;  // tokens
  std::int32_t batch_row = -1;    // whose logits are wanted; -1 = none

  // Of the operation in progress.
  std::optional<std::promise<Result<void>>> outcome;

  bool stopped() const { return caller.stop.stop_requested(); }
  bool whole_prompt_prefilled() const { return prefilled_items == layout.items().size(); }
  const PromptItem& next_item() const { return layout.items()[prefilled_items]; }
  // Whether the last item that was prefilled is the last tile of an image.
  bool behind_image() const;

  // Records that the items up to `end` were prefilled, which took `took_ms`. The sequence remembers them by
  // their prefix hashes.
  void record_prefilled(std::size_t end, double took_ms);
  // Tells the drafts, if there are any, that the answer goes on with its current token. True if that was
  // drafted.
  bool follows_draft() { return drafts && drafts->append(answer->token()); }
  // Records that the answer's current token went into the context, at the position before `position`.
  void record_decoded();
  // Ends the operation in progress. The request's thread may destroy the task from here on.
  void finish(Result<void> how);
};

}  // namespace fovea::llama
