// LlamaSlot: a Slot in libllama's context. Each call submits an operation of its SlotTask to the engine's
// thread and waits for the outcome. Used by one thread. Shares the task with the engine's thread until that
// has released it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/llama/decode/decoder.h"
#include "engine/llama/decode/slot_task.h"
#include "engine/llama/engine_thread.h"
#include "engine/llama/loaded_model.h"
#include "engine/slot.h"

namespace fovea::llama {

class LlamaSlot final : public Slot {
 public:
  // As VisionLanguageEngine::acquire_slot. The slot borrows the thread, the decoder that steps on it, and its
  // model.
  static Result<std::unique_ptr<Slot>> acquire(EngineThread& thread, Decoder& decoder, const LoadedModel& loaded,
                                               std::unique_ptr<SlotTask> task);
  ~LlamaSlot() override;

  std::size_t cached_items() const override { return task_->prefilled_items; }
  bool diverged() const override { return task_->diverged; }
  double cost_ms(std::size_t items) const override { return task_->sequence->live.cost_ms(items); }
  bool restore(std::size_t items, const Blob& state, double cost_ms) override;
  void keep_state(std::size_t items, std::uint64_t bytes_max) override;
  Result<void> prefill(std::span<const std::vector<Blob>> embeddings, AttentionSummary* summary) override;
  void draft_from(std::vector<DraftText> texts) override { draft_texts_ = std::move(texts); }
  Result<Generation> generate(const GenerateOptions& options, const TokenCallback& on_token) override;
  double spent_ms() const override { return task_->spent_ms; }
  std::optional<Blob> snapshot(std::size_t items, std::uint64_t bytes_max) override;

 private:
  LlamaSlot(EngineThread& thread, Decoder& decoder, const LoadedModel& loaded, std::unique_ptr<SlotTask> task)
      : thread_(thread), decoder_(decoder), loaded_(loaded), task_(std::move(task)) {}

  // Begins an operation of the slot task, and waits until it is done, has failed or was stopped.
  Result<void> submit(void (Decoder::*operation)(SlotTask&));
  // Runs a part of a copy between two steps.
  EngineParts parts() {
    return [this](const std::function<void()>& part) { thread_.run(part); };
  }
  AnswerDrafts drafts() const;
  Result<void> check_shapes(std::span<const std::vector<Blob>> embeddings) const;

  EngineThread& thread_;
  Decoder& decoder_;
  const LoadedModel& loaded_;
  std::shared_ptr<SlotTask> task_;
  std::vector<DraftText> draft_texts_;
};

}  // namespace fovea::llama
