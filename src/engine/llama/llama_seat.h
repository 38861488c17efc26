// LlamaSeat: a Seat in libllama's context: the one sequence it has for requests.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/llama/live_sequence.h"
#include "engine/llama/llama_layout.h"
#include "engine/llama/loaded_model.h"
#include "engine/seat.h"

namespace fovea::llama {

class LlamaSeat final : public Seat {
 public:
  // `live` says what the sequence holds, now and when the seat is given back. `chain` as in
  // VisionLanguageEngine::take_seat.
  LlamaSeat(LoadedModel& loaded, LiveSequence& live, const LlamaLayout& layout, std::span<const Key> chain);

  std::size_t held() const override { return held_; }
  bool parted() const override { return parted_; }
  double cost_ms(std::size_t items) const override { return live_.cost_ms(items); }
  bool restore(std::size_t items, const Blob& state, double cost_ms) override;
  Result<void> read(std::span<const std::vector<Blob>> embeddings, Gaze* gaze, std::stop_token stop) override;
  Result<Generation> generate(const GenerateOptions& options, const TokenCallback& on_token,
                              std::stop_token stop) override;
  std::optional<Blob> snapshot(std::size_t items) override;

 private:
  Result<void> check_shapes(std::span<const std::vector<Blob>> embeddings) const;
  void begin(Gaze* gaze);
  Result<void> read_items(std::span<const std::vector<Blob>> embeddings, const std::stop_token& stop);
  bool read_text(std::size_t end);
  bool read_tile(std::span<const std::vector<Blob>> embeddings);
  Result<Generation> generate_tokens(const GenerateOptions& options, const TokenCallback& on_token,
                                     const std::stop_token& stop);
  bool read_back(llama_token token);
  // The items up to `end` are held now; reading them took `took_ms`.
  void hold(std::size_t end, double took_ms);
  // What the sequence holds is not known any more.
  void lose() {
    live_.items.clear();
    held_ = 0;
  }

  llama_context& context() const { return *loaded_.context; }

  LoadedModel& loaded_;
  LiveSequence& live_;
  const LlamaLayout& layout_;
  const std::vector<Key> chain_;  // empty: nothing is remembered
  std::size_t held_ = 0;
  bool parted_ = false;
  llama_pos position_ = 0;  // where the next token goes
  Gaze* gaze_ = nullptr;
};

}  // namespace fovea::llama
