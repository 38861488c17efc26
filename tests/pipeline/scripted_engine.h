// ScriptedEngine: an engine that does as a test commands - fails, stalls, counts - where a real one cannot.
//
// It "cuts" a picture into two tiles (left and right half) or more columns, "encodes" a tile as its pixel
// sum, and "answers" with the prompt it was given. It encodes for all at once, but has one slot. Whoever
// waits or stalls in it looks at the caller's stop token, as in a real one.
#pragma once

#include <algorithm>
#include <atomic>
#include <format>
#include <functional>
#include <numeric>

#include "base/clock.h"
#include "engine/engine.h"
#include "pipeline/gate.h"

namespace fovea::test {

class ScriptedEngine final : public VisionLanguageEngine {
 public:
  mutable std::atomic<int> renders = 0;
  std::atomic<int> cuts = 0;
  std::atomic<int> encodes = 0;
  std::atomic<int> prefills = 0;
  std::atomic<int> generations = 0;
  std::atomic<int> watches = 0;
  std::atomic<int> items_read = 0;
  std::atomic<int> restores = 0;
  std::atomic<int> snapshots = 0;
  std::atomic<int> idle_purges = 0;
  bool refuse_states = false;  // no state fits
  Result<void> options_fit;    // accepts()
  std::string obstacle;        // prefix_obstacle()
  bool goes_back = true;       // else snapshots are of kept states only
  std::uint64_t parked = 0;    // parked_bytes()
  SlotUse use;                 // slot_use()
  bool shows_tiles = false;    // tile_values() gives the pixels; else it fails
  bool hides_input = false;    // it gives no pixels, as where the encoder does not show what it is fed
  std::uint32_t columns = 2;   // tiles of a picture
  Result<void> prompts_fit;    // lay_out()
  bool drafts = false;         // draft_obstacle() is empty, and draft_from() is recorded
  Gate encode_gate;            // in front of every encode
  Gate generate_gate;          // in front of every answer
  Gate slot_gate;              // in front of the slot; closed while somebody sits there
  std::function<Result<void>()> before_encode;
  std::function<Result<void>()> before_generate;
  FinishReason finish_reason = FinishReason::stop;
  std::vector<std::vector<DraftText>> drafted_from;  // by answer; for one thread
  std::size_t embedding_bytes = 8;                   // what embedding_sizes() says of every tile
  ModelFacts model_facts{.context_tokens = 1000};
  Key vision = KeyBuilder("scripted vision").finish();
  Key text = KeyBuilder("scripted text").finish();

  Result<std::vector<TilePlace>> tile_places(std::uint32_t, std::uint32_t, const Caller&) override {
    std::vector<TilePlace> places;
    for (std::uint32_t i = 0; i < columns; ++i) places.push_back({1.0 * i / columns, 0, 1.0 / columns, 1});
    return places;
  }
  bool has_attention() const override { return true; }
  const Key& vision_fingerprint() const override { return vision; }
  const Key& text_fingerprint() const override { return text; }

  Result<void> accepts(const GenerateOptions&) const override { return options_fit; }
  std::string token_bytes(std::int32_t token) const override { return std::string(1, static_cast<char>(token)); }
  std::string token_text(std::int32_t token) const override { return token_bytes(token); }

  ToolFormat tool_format() const override { return ToolFormat::hermes; }
  std::vector<std::int32_t> tokenize(std::string_view words, bool, bool) const override {
    return {words.begin(), words.end()};
  }
  const ModelFacts& facts() const override { return model_facts; }
  std::uint64_t parked_bytes() const override { return parked; }
  SlotUse slot_use() const override { return use; }

  using VisionLanguageEngine::render;
  Result<Prompt> render(std::span<const Message> messages, const RenderOptions&) const override {
    ++renders;
    Prompt prompt;
    for (const Message& message : messages) {
      prompt.parts.emplace_back("<" + message.role + ">");
      prompt.parts.insert(prompt.parts.end(), message.parts.begin(), message.parts.end());
    }
    return prompt;
  }

  Result<std::unique_ptr<TiledImage>> preprocess(const DecodedImage& image) override {
    ++cuts;
    return std::make_unique<Columns>(image, columns);
  }

  Result<Key> tile_input(TiledImage& image, std::size_t index, const Caller&) override {
    return KeyBuilder("half").field(static_cast<Columns&>(image).sum(index)).finish();
  }

  Result<TileValues> tile_values(TiledImage& image, std::size_t index, const Caller& caller) override {
    if (!shows_tiles) return VisionLanguageEngine::tile_values(image, index, caller);
    TileValues tile = hides_input ? TileValues{.values = {}} : static_cast<Columns&>(image).values(index);
    tile.input = *tile_input(image, index, caller);
    return tile;
  }
  std::string_view frames_obstacle() const override { return shows_tiles ? "" : "not in this test"; }

  Result<Encoded> encode(TiledImage& image, std::size_t index, const Caller& caller) override {
    const Stopwatch encoding;
    if (!encode_gate.pass(caller.stop)) return fail(Fault::cancelled, "stopped while encoding");
    if (before_encode) {
      if (auto allowed = before_encode(); !allowed) return std::unexpected(allowed.error());
    }
    ++encodes;
    const std::uint64_t sum = static_cast<Columns&>(image).sum(index);
    return Encoded{Blob::copy_of(std::as_bytes(std::span(&sum, 1))), encoding.elapsed_ms()};
  }

  std::uint32_t embedding_width() const override { return 2; }
  Result<std::vector<std::size_t>> embedding_sizes(std::uint32_t, std::uint32_t) override {
    return std::vector<std::size_t>(columns, embedding_bytes);
  }

  // A text part is an item a character; a picture its tiles.
  using VisionLanguageEngine::lay_out;
  Result<std::unique_ptr<PromptLayout>> lay_out(const Prompt& prompt, std::span<const ImageSize>, Overlong) override {
    if (!prompts_fit) return std::unexpected(prompts_fit.error());
    return std::make_unique<Layout>(prompt, columns);
  }
  void purge_idle() override { ++idle_purges; }
  std::string_view prefix_obstacle() const override { return obstacle; }
  std::string_view draft_obstacle() const override { return drafts ? "" : "not in this test"; }
  Result<std::unique_ptr<Slot>> acquire_slot(const PromptLayout& layout, std::span<const Key> prefix_hashes,
                                             std::int32_t, const Caller& caller) override {
    if (!slot_gate.enter(caller.stop)) return fail(Fault::cancelled, "stopped while waiting for a slot");
    return std::make_unique<ScriptedSlot>(*this, layout, prefix_hashes, caller.stop);
  }

 private:
  class Columns final : public TiledImage {
   public:
    Columns(const DecodedImage& image, std::uint32_t columns) : image_(image), columns_(columns) {}
    std::size_t tile_count() const override { return columns_; }
    std::uint64_t sum(std::size_t column) const {
      const auto pixels = image_.pixels.as<unsigned char>();
      const std::size_t row = image_.width * 3;
      std::uint64_t total = 0;
      for (std::size_t i = 0; i < pixels.size(); ++i) {
        if (i % row * columns_ / row == column) total += pixels[i];
      }
      return total;
    }

    // Pixels of 0 to 255, so that brightness_step() is 1.
    TileValues values(std::size_t column) const {
      const auto pixels = image_.pixels.as<unsigned char>();
      TileValues tile{.width = image_.width / columns_, .height = image_.height, .values = {}};
      for (std::size_t channel = 0; channel < 3; ++channel) {
        for (std::size_t y = 0; y < tile.height; ++y) {
          for (std::size_t x = 0; x < tile.width; ++x)
            tile.values.push_back(pixels[(y * image_.width + column * tile.width + x) * 3 + channel]);
        }
      }
      return tile;
    }

   private:
    DecodedImage image_;
    std::uint32_t columns_;
  };

  struct Layout final : PromptLayout {
    Layout(const Prompt& prompt, std::uint32_t columns) {
      for (const PromptPart& part : prompt.parts) {
        if (const auto* words = std::get_if<std::string>(&part)) {
          for (const char c : *words) append({.token = c, .tile = {}}, 1);
          continue;
        }
        if (const auto* plain = std::get_if<PlainText>(&part)) {
          for (const char c : plain->text) append({.token = c, .tile = {}}, 1);
          continue;
        }
        for (std::uint32_t column = 0; column < columns; ++column)
          append({.tile = TileRef{static_cast<std::uint32_t>(std::get<ImageSlot>(part).index), column}}, 40);
      }
    }
  };

  // Holds, item by item, what it read.
  struct Live {
    std::vector<Key> links;
    std::vector<std::string> texts;
  };

  class ScriptedSlot final : public Slot {
   public:
    ScriptedSlot(ScriptedEngine& engine, const PromptLayout& layout, std::span<const Key> prefix_hashes,
                 std::stop_token stop)
        : engine_(engine),
          layout_(layout),
          prefix_hashes_(prefix_hashes.begin(), prefix_hashes.end()),
          stop_(std::move(stop)) {
      std::vector<Key>& links = engine_.live_.links;
      if (!prefix_hashes_.empty())
        held_ = std::min<std::size_t>(std::ranges::mismatch(links, prefix_hashes_).in1 - links.begin(),
                                      prefix_hashes_.size() - 1);
      diverged_ = held_ > 0 && held_ < links.size();
      cut();
    }
    ~ScriptedSlot() override { engine_.slot_gate.open(); }
    std::size_t cached_items() const override { return held_; }
    bool diverged() const override { return diverged_; }
    double cost_ms(std::size_t items) const override { return layout_.tokens(items); }
    bool restore(std::size_t items, const Blob& state, double) override {
      held_ = 0;
      cut();
      if (engine_.refuse_states) return false;
      ++engine_.restores;
      engine_.live_.texts = texts_of(state.text(), items);
      engine_.live_.links.assign(prefix_hashes_.begin(), prefix_hashes_.begin() + static_cast<std::ptrdiff_t>(items));
      held_ = items;
      return true;
    }
    Result<void> prefill(std::span<const std::vector<Blob>> embeddings, AttentionSummary* summary) override {
      ++engine_.prefills;
      engine_.watches += summary != nullptr ? 1 : 0;
      engine_.items_read += static_cast<int>(layout_.items().size() - held_);
      for (; held_ < layout_.items().size(); ++held_) {
        const PromptItem& item = layout_.items()[held_];
        engine_.live_.texts.push_back(
            item.tile ? std::format("[{}]", embeddings[item.tile->image][item.tile->number].as<std::uint64_t>()[0])
                      : std::string(1, static_cast<char>(item.token)));
        if (!prefix_hashes_.empty()) engine_.live_.links.push_back(prefix_hashes_[held_]);
      }
      return {};
    }
    void draft_from(std::vector<DraftText> texts) override {
      if (engine_.drafts) engine_.drafted_from.push_back(std::move(texts));
    }
    Result<Generation> generate(const GenerateOptions&, const TokenCallback& on_token) override {
      if (!engine_.generate_gate.pass(stop_)) return fail(Fault::cancelled, "stopped while generating");
      if (engine_.before_generate) {
        if (auto allowed = engine_.before_generate(); !allowed) return std::unexpected(allowed.error());
      }
      ++engine_.generations;
      const std::string answer = text(held_);
      if (on_token) on_token(Token{1, {}}, answer);
      return Generation{
          .text = answer, .tokens = 1, .finish_reason = engine_.finish_reason, .drafts = {3, 2}, .predicted = {2, 1}};
    }
    double spent_ms() const override { return layout_.tokens(); }
    void keep_state(std::size_t items, std::uint64_t) override { kept_.push_back(items); }
    std::optional<Blob> snapshot(std::size_t items, std::uint64_t bytes_max) override {
      if (items > bytes_max || (!engine_.goes_back && !std::ranges::contains(kept_, items))) return std::nullopt;
      ++engine_.snapshots;
      return Blob::copy_of(text(items));
    }

   private:
    void cut() {
      engine_.live_.links.resize(held_);
      engine_.live_.texts.resize(held_);
    }
    // Item by item again, since the next prompt may have a part of them only. A tile is in brackets.
    static std::vector<std::string> texts_of(std::string_view all, std::size_t items) {
      std::vector<std::string> texts(items);
      for (std::string& text : texts) {
        const std::size_t end = all.starts_with('[') ? all.find(']') + 1 : std::min<std::size_t>(all.size(), 1);
        text = all.substr(0, end);
        all.remove_prefix(end);
      }
      return texts;
    }
    std::string text(std::size_t items) const {
      std::string all;
      for (std::size_t i = 0; i < items; ++i) all += engine_.live_.texts[i];
      return all;
    }

    ScriptedEngine& engine_;
    const PromptLayout& layout_;
    const std::vector<Key> prefix_hashes_;
    const std::stop_token stop_;
    std::size_t held_ = 0;
    std::vector<std::size_t> kept_;
    bool diverged_ = false;
  };

  Live live_;  // of who sits
};

}  // namespace fovea::test
