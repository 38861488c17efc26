// ScriptedEngine: an engine that does as a test commands - fails, stalls, counts - where a real one cannot.
// It "cuts" a picture into two tiles (left and right half), "encodes" a tile as its pixel sum, and "answers" with the
// prompt it was given.
#pragma once

#include <format>
#include <functional>
#include <numeric>

#include "engine/engine.h"

namespace fovea::test {

class ScriptedEngine final : public VisionLanguageEngine {
 public:
  int cuts = 0;
  int encodes = 0;
  int prefills = 0;
  int generations = 0;
  int watches = 0;
  std::function<Result<void>()> before_encode;
  std::function<Result<void>()> before_generate;
  FinishReason finish_reason = FinishReason::stop;
  std::size_t embedding_bytes = 8;  // what embedding_sizes() says of every tile
  Key vision = KeyBuilder("scripted vision").finish();
  Key text = KeyBuilder("scripted text").finish();

  Result<std::vector<TilePlace>> tile_places(std::uint32_t, std::uint32_t) override {
    return std::vector<TilePlace>{{0, 0, 0.5, 1}, {0.5, 0, 0.5, 1}};
  }
  bool tells_attention() const override { return true; }
  void watch(Gaze* gaze) override { watches += gaze != nullptr ? 1 : 0; }
  const Key& vision_fingerprint() const override { return vision; }
  const Key& text_fingerprint() const override { return text; }

  Result<Prompt> render(std::span<const Message> messages) const override {
    Prompt prompt;
    for (const Message& message : messages) {
      prompt.parts.emplace_back("<" + message.role + ">");
      prompt.parts.insert(prompt.parts.end(), message.parts.begin(), message.parts.end());
    }
    return prompt;
  }

  Result<std::unique_ptr<TiledImage>> cut(const Image& image) override {
    ++cuts;
    return std::make_unique<Halves>(image);
  }

  Result<Key> tile_input(TiledImage& image, std::size_t index) override {
    return KeyBuilder("half").field(static_cast<Halves&>(image).sum(index)).finish();
  }

  Result<Blob> encode(TiledImage& image, std::size_t index) override {
    if (before_encode) {
      if (auto allowed = before_encode(); !allowed) return std::unexpected(allowed.error());
    }
    ++encodes;
    const std::uint64_t sum = static_cast<Halves&>(image).sum(index);
    return Blob::copy_of(std::as_bytes(std::span(&sum, 1)));
  }

  Result<std::vector<std::size_t>> embedding_sizes(std::uint32_t, std::uint32_t) override {
    return std::vector<std::size_t>{embedding_bytes, embedding_bytes};
  }

  Result<std::int32_t> prefill(const Prompt& prompt, std::span<const PromptImage> images, std::stop_token) override {
    ++prefills;
    answer_.clear();
    for (const PromptPart& part : prompt.parts) {
      if (const auto* words = std::get_if<std::string>(&part))
        answer_ += *words;
      else
        for (const Blob& tile : images[std::get<ImageSlot>(part).index].embeddings)
          answer_ += std::format("[{}]", tile.as<std::uint64_t>()[0]);
    }
    return static_cast<std::int32_t>(answer_.size());
  }

  Result<Generation> generate(const GenerateOptions&, const TokenCallback& on_token, std::stop_token) override {
    if (before_generate) {
      if (auto allowed = before_generate(); !allowed) return std::unexpected(allowed.error());
    }
    ++generations;
    if (on_token) on_token(Token{1, {}}, answer_);
    return Generation{.text = answer_, .tokens = 1, .finish_reason = finish_reason};
  }

 private:
  class Halves final : public TiledImage {
   public:
    explicit Halves(const Image& image) : image_(image) {}
    std::size_t tile_count() const override { return 2; }
    std::uint64_t sum(std::size_t half) const {
      const auto pixels = image_.pixels.as<unsigned char>();
      const std::size_t row = image_.width * 3;
      std::uint64_t total = 0;
      for (std::size_t i = 0; i < pixels.size(); ++i) {
        if ((i % row >= row / 2) == (half == 1)) total += pixels[i];
      }
      return total;
    }

   private:
    Image image_;
  };

  std::string answer_;
};

}  // namespace fovea::test
