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
#include "engine/llama/loaded_model.h"
#include "engine/llama/sequences.h"
#include "engine/llama/sitting.h"
#include "engine/llama/text_batch.h"

namespace fovea::llama {

class Decoder {
 public:
  // Borrows `loaded`, whose context nobody else uses.
  explicit Decoder(LoadedModel& loaded);

  // What a sitting wants, one at a time; its `ending` is kept when it has that, failed or was stopped. A sequence:
  void enter(Sitting& sitting);
  // That its prompt is read, from its `embeddings`. REQUIRES: it has a sequence.
  void read(Sitting& sitting);
  // That its `writer` writes the answer. REQUIRES: its prompt was read.
  void write(Sitting& sitting);

  // As in Seat.
  bool restore(Sitting& sitting, std::size_t items, const Blob& state, double cost_ms);
  std::optional<Blob> snapshot(Sitting& sitting, std::size_t items, std::uint64_t bytes_max);

  // Gives its sequence back, with the `tokens` that it holds. Needs the layout no more.
  void leave(Sitting& sitting, std::uint32_t tokens);

  // Forgets what was read for those who have left.
  void forget_idle() { sequences_.forget_idle(); }

  // One step for everybody; false if there was nothing to do.
  bool step();

 private:
  using Sittings = std::vector<Sitting*>;

  void seat_waiting();
  void end_stopped(Sittings& sittings);
  void end(Sitting& sitting, Result<void> how);
  static std::vector<Flow> flows(const Sittings& sittings);

  std::uint32_t piece_tokens() const;  // of prompts, in a step
  bool text_step();
  void gather_text();
  std::uint32_t gather_prompt(Sitting& sitting, std::uint32_t tokens_max);
  void token_was_read(Sitting& sitting);
  void write_token(Sitting& sitting, std::span<const float> logits);
  AttentionSum* watching_sum() const;

  bool tile_step();
  bool read_tile(const Sitting& sitting);

  // Runs `compute`, which says whether it worked. If not, everybody in `sittings` is taken back to where they were and
  // ends.
  template <typename Compute>
  bool guarded(const Sittings& sittings, const Compute& compute);
  void hold(Sitting& sitting, std::size_t end, double took_ms);
  void lose(Sitting& sitting);

  llama_context& context() const { return *loaded_.context; }

  LoadedModel& loaded_;
  Sequences sequences_;
  FairShare share_;
  Sittings waiting_;  // for a sequence
  Sittings reading_;  // whose turn it is first
  Sittings writing_;
  Sittings in_batch_;
  TextBatch batch_;
  double others_ms_ = 0;  // that others had between the pieces of the tile that is read
};

}  // namespace fovea::llama
