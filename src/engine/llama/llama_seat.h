// LlamaSeat: a Seat in libllama's context: what a request's thread asks of its Sitting, and waits for.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/llama/decoder.h"
#include "engine/llama/engine_thread.h"
#include "engine/llama/loaded_model.h"
#include "engine/llama/sitting.h"
#include "engine/seat.h"

namespace fovea::llama {

class LlamaSeat final : public Seat {
 public:
  // As VisionLanguageEngine::take_seat. The seat borrows the thread, the decoder that steps on it, and its model.
  static Result<std::unique_ptr<Seat>> take(EngineThread& thread, Decoder& decoder, const LoadedModel& loaded,
                                            std::unique_ptr<Sitting> sitting);
  ~LlamaSeat() override;

  std::size_t held() const override { return sitting_->held; }
  bool parted() const override { return sitting_->parted; }
  double cost_ms(std::size_t items) const override { return sitting_->sequence->live.cost_ms(items); }
  bool restore(std::size_t items, const Blob& state, double cost_ms) override;
  Result<void> read(std::span<const std::vector<Blob>> embeddings, Gaze* gaze) override;
  Result<Generation> generate(const GenerateOptions& options, const TokenCallback& on_token) override;
  double spent_ms() const override { return sitting_->spent_ms; }
  std::optional<Blob> snapshot(std::size_t items, std::uint64_t bytes_max) override;

 private:
  LlamaSeat(EngineThread& thread, Decoder& decoder, const LoadedModel& loaded, std::unique_ptr<Sitting> sitting)
      : thread_(thread), decoder_(decoder), loaded_(loaded), sitting_(std::move(sitting)) {}

  // Tells the decoder what the sitting wants, and waits until it has it, or has failed, or was stopped.
  Result<void> wish(void (Decoder::*what)(Sitting&));
  Result<void> check_shapes(std::span<const std::vector<Blob>> embeddings) const;

  EngineThread& thread_;
  Decoder& decoder_;
  const LoadedModel& loaded_;
  std::shared_ptr<Sitting> sitting_;
};

}  // namespace fovea::llama
