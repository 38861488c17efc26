// LlamaEngine: VisionLanguageEngine on llama.cpp's libllama and libmtmd, for any pair of GGUF files that they
// run.
//
// Work that needs no context of a model (rendering, preprocessing, laying out) runs on the callers' threads,
// all else on the engine's thread. Thread-safe; owns the model.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string_view>

#include "engine/engine.h"
#include "engine/llama/decode/decoder.h"
#include "engine/llama/engine_thread.h"
#include "engine/llama/loaded_model.h"
#include "engine/llama/template/chat_template.h"
#include "engine/llama/vision/place_memo.h"
#include "engine/llama/vision/tile_places.h"

namespace fovea::llama {

class LlamaEngine final : public VisionLanguageEngine {
 public:
  // Loads the model pair.
  // Faults: those of LoadedModel::load, and invalid for a chat template that cannot be read.
  static Result<std::unique_ptr<LlamaEngine>> open(const LlamaOptions& options);

  const Key& vision_fingerprint() const override { return loaded_.vision_fingerprint; }
  const Key& text_fingerprint() const override { return loaded_.text_fingerprint; }
  Result<void> accepts(const GenerateOptions& options) const override;
  std::string token_bytes(std::int32_t token) const override;
  std::string token_text(std::int32_t token) const override;
  using VisionLanguageEngine::render;
  Result<Prompt> render(std::span<const Message> messages, const RenderOptions& options) const override;
  ToolFormat tool_format() const override { return loaded_.tool_format; }
  std::vector<std::int32_t> tokenize(std::string_view text, bool add_special, bool control_tokens) const override;
  const ModelFacts& facts() const override { return facts_; }
  Result<std::unique_ptr<TiledImage>> preprocess(const DecodedImage& image) override;
  Result<Key> tile_input(TiledImage& image, std::size_t index, const Caller& caller) override;
  Result<TileValues> tile_values(TiledImage& image, std::size_t index, const Caller& caller) override;
  std::string_view frames_obstacle() const override { return {}; }
  float brightness_step() const override { return loaded_.brightness_step; }
  Result<Encoded> encode(TiledImage& image, std::size_t index, const Caller& caller) override;
  std::uint32_t embedding_width() const override;
  Result<std::vector<std::size_t>> embedding_sizes(std::uint32_t width, std::uint32_t height) override;
  Result<std::vector<TilePlace>> tile_places(std::uint32_t width, std::uint32_t height, const Caller& caller) override;
  bool has_attention() const override { return loaded_.tap != nullptr; }
  using VisionLanguageEngine::lay_out;
  Result<std::unique_ptr<PromptLayout>> lay_out(const Prompt& prompt, std::span<const ImageSize> images,
                                                Overlong overlong) override;
  void purge_idle() override;
  std::uint64_t parked_bytes() const override { return decoder_.parked_bytes(); }
  SlotUse slot_use() const override { return decoder_.slot_use(); }
  std::string_view prefix_obstacle() const override { return loaded_.prefix_obstacle; }
  std::string_view draft_obstacle() const override { return loaded_.draft_obstacle; }
  Result<std::unique_ptr<Slot>> acquire_slot(const PromptLayout& layout, std::span<const Key> prefix_hashes,
                                             std::int32_t answer_tokens_max, const Caller& caller) override;

 private:
  LlamaEngine(std::unique_ptr<EngineThread> thread, LoadedModel loaded, ChatTemplate chat_template, ModelFacts facts);

  // Runs `compute`, which says whether it worked, when it is the caller's turn at the encoder. The result is
  // how long that took, ms.
  // Faults: cancelled; internal, where the library failed while `doing`.
  Result<double> run_encoder(const Caller& caller, std::string_view doing, const std::function<bool()>& compute);
  // What the encoder is fed of each tile of an image, and of one tile.
  Result<std::vector<TileProfile>> read_profiles(DecodedImage picture, const Caller& caller);
  Result<TileInput> read_input(const mtmd_input_chunk& tile, const Caller& caller);

  LoadedModel loaded_;
  ChatTemplate template_;
  const ModelFacts facts_;
  PlaceMemo places_;
  std::atomic<bool> probe_works_ = true;  // false once a vision graph had no input that the probe knows
  Decoder decoder_;
  std::unique_ptr<EngineThread> thread_;  // last, so that it is destroyed first
};

}  // namespace fovea::llama
