// Decoder: libllama's context, shared by the requests that hold a slot: what one step computes, and for which
// of them.
//
// A step first computes one batch of text for all slots: the next token of each answer that is decoded, and a
// chunk of each prompt that is prefilled. Then it prefills one tile of one prompt, since the library takes
// embeddings apart from tokens. Requests join and leave between steps. Where there are several slots, prompts
// are prefilled in chunks, so that nobody waits longer than a chunk takes. Used on the engine's thread only,
// except where a function says otherwise; borrows the slot tasks.
#pragma once

#include <llama.h>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/llama/decode/sequences.h"
#include "engine/llama/decode/slot_queue.h"
#include "engine/llama/decode/slot_task.h"
#include "engine/llama/decode/text_batch.h"
#include "engine/llama/draft/draft_planner.h"
#include "engine/llama/draft/model_drafts.h"
#include "engine/llama/loaded_model.h"

namespace fovea::llama {

// Runs a part of an operation on the engine's thread, between two steps.
using EngineParts = std::function<void(const std::function<void()>&)>;

class Decoder {
 public:
  // Borrows `loaded`, whose context nobody else uses.
  explicit Decoder(LoadedModel& loaded);

  // Each begins an operation of a slot task, one at a time. The task's `outcome` is set when the operation is
  // done, has failed, or was stopped. queue: gives the task a sequence, in its turn.
  void queue(SlotTask& task);
  // prefill: prefills the rest of its prompt, tiles from its `embeddings`. REQUIRES: it has a sequence.
  void prefill(SlotTask& task);
  // decode: generates its `answer`. REQUIRES: its prompt was prefilled.
  void decode(SlotTask& task);

  // As in Slot. Called on the request's thread, while no operation of its task is in progress; what uses the
  // context goes through `parts`.
  bool restore(SlotTask& task, std::size_t items, const Blob& state, double cost_ms, const EngineParts& parts);
  std::optional<Blob> snapshot(SlotTask& task, std::size_t items, std::uint64_t bytes_max, const EngineParts& parts);

  // Takes back the task's sequence, which holds `tokens`. The layout is not used any more.
  void release(SlotTask& task, std::uint32_t tokens);

  // Purges what the sequences without a slot hold.
  void purge_idle();
  // May be asked on any thread: bytes of what sequences held that is parked, and what slots hold.
  std::uint64_t parked_bytes() const { return sequences_.parked_bytes(); }
  SlotUse slot_use() const { return sequences_.slot_use(); }

  // One step for all slots; false if there was nothing to do.
  bool step();

 private:
  using SlotTasks = std::vector<SlotTask*>;

  void admit_waiting();
  void end_stopped(const SlotTasks& tasks);
  void end(SlotTask& task, Result<void> how);

  std::uint32_t chunk_tokens() const;  // of prompts, in a step
  bool text_step();
  void fill_batch();
  void add_answers();
  void ask_draft_model(std::span<const std::vector<double>> odds, std::span<const std::size_t> planned);
  std::size_t drafts_max(const SlotTask& task) const;
  std::uint32_t add_prompt(SlotTask& task, std::uint32_t tokens_max);
  void take_text_results(SlotTask& task, double took_ms);
  void take_answer_rows(SlotTask& task);
  std::span<const float> logits_of(std::int32_t row) const;
  std::optional<Result<void>> choose_token(SlotTask& task, std::span<const float> logits);
  AttentionSum* watched_sum() const;

  bool tile_step();
  bool prefill_tile(const SlotTask& task);

  // Runs `compute`, which says whether it worked. If not, every task of `tasks` is rolled back to its
  // position and ends.
  template <typename Compute>
  bool guarded(const SlotTasks& tasks, const Compute& compute);
  std::optional<std::string> take_kernel_failure();
  void clear(SlotTask& task);
  Result<void> keep_states(SlotTask& task);
  StatePlace place_of(const SlotTask& task) const;

  llama_context& context() const { return *loaded_.context; }

  LoadedModel& loaded_;
  Sequences sequences_;
  SlotQueue queue_;
  SlotTasks prefilling_;  // the first has its turn first
  SlotTasks decoding_;
  SlotTasks in_batch_;
  TextBatch batch_;
  DraftPlanner planner_;
  std::optional<ModelDrafts> model_drafts_;  // absent where there is no draft model
  std::optional<std::string> tile_failure_;  // of a tile's kernels, found between its chunks
  double others_ms_ = 0;                     // that text steps took between the chunks of the tile that is prefilled
};

}  // namespace fovea::llama
