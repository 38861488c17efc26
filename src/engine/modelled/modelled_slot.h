// ModelledSlot: a Slot of a modelled engine. It keeps a hash of everything that the decoder is fed, behind
// each item, and waits for the device. Between requests it holds nothing, so what a request finds of its
// prompt comes from the prefix level. Used by one thread; borrows the device, the times and the layout.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/clock.h"
#include "engine/caller.h"
#include "engine/engine.h"
#include "engine/modelled/modelled_device.h"
#include "engine/modelled/modelled_times.h"
#include "engine/slot.h"

namespace fovea {

class ModelledSlot final : public Slot {
 public:
  // Waits for a slot of the device, with room for so many tokens of the answer or what the context has of it.
  // Faults: cancelled.
  static Result<std::unique_ptr<Slot>> acquire(ModelledDevice& device, const ModelledTimes& times,
                                               const PromptLayout& layout, std::int32_t answer_tokens_max,
                                               const Caller& caller);
  ~ModelledSlot() override;

  std::size_t cached_items() const override { return first_ + fed_.size() - 1; }
  bool diverged() const override { return false; }
  double cost_ms(std::size_t items) const override;
  bool restore(std::size_t items, const Blob& state, double cost_ms) override;
  void keep_state(std::size_t, std::uint64_t) override {}  // it can go back
  Result<void> prefill(std::span<const std::vector<Blob>> embeddings, AttentionSummary* summary) override;
  void draft_from(std::vector<DraftText>) override {}
  Result<Generation> generate(const GenerateOptions& options, const TokenCallback& on_token) override;
  double spent_ms() const override { return spent_ms_; }
  std::optional<Blob> snapshot(std::size_t items, std::uint64_t bytes_max) override;

 private:
  // What the decoder was fed up to an item, and what prefilling it cost.
  struct Fed {
    Key hash;
    double cost_ms = 0;
  };

  ModelledSlot(ModelledDevice& device, const ModelledTimes& times, const PromptLayout& layout, std::uint32_t tokens,
               const Caller& caller);

  Result<double> spend(double ms);
  Result<Key> tile_hash(const TileRef& tile, std::span<const std::vector<Blob>> embeddings) const;
  Result<void> prefill_tile(std::span<const std::vector<Blob>> embeddings);
  Result<void> prefill_text();
  Key answer_name(const GenerateOptions& options) const;

  ModelledDevice& device_;
  const ModelledTimes& times_;
  const PromptLayout& layout_;
  const std::uint32_t tokens_;  // that it was acquired for
  const Caller caller_;
  const Stopwatch held_;
  std::size_t first_ = 0;  // items of the first of fed_: none, or those of a state that was restored
  std::vector<Fed> fed_;   // behind these and each further item
  double spent_ms_ = 0;
};

}  // namespace fovea
