// Decoder: libllama's context, shared by the requests that sit in it: what one step computes, and for whom.
//
// A step is one batch of text for everybody - the next token of each answer that is being written, and a piece of each
// prompt that is being read - and then one tile of one prompt, since the library reads embeddings apart from tokens.
// Requests join and leave between steps. Where several may sit, prompts are read in pieces, so that nobody waits longer
// than a piece takes. All of it runs on the engine's thread.
#pragma once

#include <llama.h>

#include <optional>
#include <string_view>
#include <vector>

#include "engine/fair_share.h"
#include "engine/llama/decode/sequences.h"
#include "engine/llama/decode/slot_task.h"
#include "engine/llama/decode/text_batch.h"
#include "engine/llama/loaded_model.h"

namespace fovea::llama {

class Decoder {
 public:
  // Borrows `loaded`, whose context nobody else uses.
  explicit Decoder(LoadedModel& loaded);

  // What a slot task wants, one at a time; its `ending` is kept when it has that, failed or was stopped. A sequence:
  void queue(SlotTask& task);
  // That its prompt is read, from its `embeddings`. REQUIRES: it has a sequence.
  void prefill(SlotTask& task);
  // That its `writer` writes the answer. REQUIRES: its prompt was read.
  void decode(SlotTask& task);

  // As in Slot.
  bool restore(SlotTask& task, std::size_t items, const Blob& state, double cost_ms);
  std::optional<Blob> snapshot(SlotTask& task, std::size_t items, std::uint64_t bytes_max);

  // Gives its sequence back, with the `tokens` that it holds. Needs the layout no more.
  void leave(SlotTask& task, std::uint32_t tokens);

  // Forgets what was read for those who have left.
  void purge_idle() { sequences_.purge_idle(); }

  // One step for everybody; false if there was nothing to do.
  bool step();

 private:
  using SlotTasks = std::vector<SlotTask*>;

  void slot_waiting();
  void end_stopped(SlotTasks& tasks);
  void end(SlotTask& task, Result<void> how);
  static std::vector<Flow> flows(const SlotTasks& tasks);

  std::uint32_t piece_tokens() const;  // of prompts, in a step
  bool text_step();
  void gather_text();
  std::uint32_t gather_prompt(SlotTask& task, std::uint32_t tokens_max);
  void token_was_read(SlotTask& task);
  void decode_token(SlotTask& task, std::span<const float> logits);
  AttentionSum* watching_sum() const;

  bool tile_step();
  bool read_tile(const SlotTask& task);

  // Runs `compute`, which says whether it worked. If not, everybody in `slot tasks` is taken back to where they were and
  // ends.
  template <typename Compute>
  bool guarded(const SlotTasks& tasks, const Compute& compute);
  void hold(SlotTask& task, std::size_t end, double took_ms);
  void lose(SlotTask& task);

  llama_context& context() const { return *loaded_.context; }

  LoadedModel& loaded_;
  Sequences sequences_;
  FairShare share_;
  SlotTasks waiting_;     // for a sequence
  SlotTasks prefilling_;  // whose turn it is first
  SlotTasks decoding_;
  SlotTasks in_batch_;
  TextBatch batch_;
  double others_ms_ = 0;  // that others had between the pieces of the tile that is read
};

}  // namespace fovea::llama
