// ModelledEngine: a VisionLanguageEngine that computes nothing and takes as long as a profile says.
//
// It is for trying out fleets, balancers and dashboards without the machines: everything around it (levels,
// tiers, HTTP) is real. Tiles are named by their real pixels. Embeddings, states and answers have the right
// sizes and follow from what they were made of, so an answer from a wrong entry differs. Its fingerprints
// begin with its own name, so nothing of it is ever taken for a model's. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "engine/engine.h"
#include "engine/llama/template/chat_template.h"
#include "engine/modelled/modelled_device.h"
#include "engine/modelled/modelled_times.h"

namespace fovea {

class ModelledEngine final : public VisionLanguageEngine {
 public:
  // With so many slots. REQUIRES: slots is not 0. Faults: invalid for sizes that no model has.
  static Result<std::unique_ptr<ModelledEngine>> open(ModelledTimes times, std::uint32_t slots);

  const Key& vision_fingerprint() const override { return vision_fingerprint_; }
  const Key& text_fingerprint() const override { return text_fingerprint_; }
  Result<void> accepts(const GenerateOptions& options) const override;
  std::string token_bytes(std::int32_t token) const override;
  std::string token_text(std::int32_t token) const override;
  using VisionLanguageEngine::render;
  Result<Prompt> render(std::span<const Message> messages, const RenderOptions& options) const override;
  ToolFormat tool_format() const override { return template_.tool_format(); }
  std::vector<std::int32_t> tokenize(std::string_view text, bool add_special, bool control_tokens) const override;
  const ModelFacts& facts() const override { return facts_; }
  Result<std::unique_ptr<TiledImage>> preprocess(const DecodedImage& image) override;
  Result<Key> tile_input(TiledImage& image, std::size_t index, const Caller& caller) override;
  Result<Encoded> encode(TiledImage& image, std::size_t index, const Caller& caller) override;
  std::uint32_t embedding_width() const override { return times_.width; }
  Result<std::vector<std::size_t>> embedding_sizes(std::uint32_t width, std::uint32_t height) override;
  Result<std::vector<TilePlace>> tile_places(std::uint32_t width, std::uint32_t height, const Caller& caller) override;
  bool has_attention() const override { return false; }
  using VisionLanguageEngine::lay_out;
  Result<std::unique_ptr<PromptLayout>> lay_out(const Prompt& prompt, std::span<const ImageSize> images,
                                                Overlong overlong) override;
  void purge_idle() override {}  // a slot that nobody has holds nothing
  SlotUse slot_use() const override { return device_.slot_use(); }
  std::string_view prefix_obstacle() const override;
  Result<std::unique_ptr<Slot>> acquire_slot(const PromptLayout& layout, std::span<const Key> prefix_hashes,
                                             std::int32_t answer_tokens_max, const Caller& caller) override;

 private:
  ModelledEngine(ModelledTimes times, std::uint32_t slots, llama::ChatTemplate chat_template);

  const ModelledTimes times_;
  const Key vision_fingerprint_;
  const Key text_fingerprint_;
  const ModelFacts facts_;
  const llama::ChatTemplate template_;
  ModelledDevice device_;
};

}  // namespace fovea
