// An image's tiles are counted by tokenizing a placeholder of its size alone, then the whole prompt is
// tokenized with all placeholders. Both must agree, or a tile would be named by the wrong image; where they
// do not, the prompt is refused. Costs one tokenization an image more than the prompt's own, and no pixels.
#include "engine/llama/decode/llama_layout.h"

#include <algorithm>
#include <deque>
#include <format>
#include <limits>
#include <string>
#include <utility>

#include "engine/llama/vocabulary/plain_pieces.h"

namespace fovea::llama {

namespace {

std::string text_with_markers(const Prompt& prompt, const std::string& marker) {
  std::string text;
  for (const PromptPart& part : prompt.parts) {
    const auto* words = std::get_if<std::string>(&part);
    text += words ? *words : marker;
  }
  return text;
}

bool has_plain_text(const Prompt& prompt) {
  return std::ranges::any_of(prompt.parts,
                             [](const PromptPart& part) { return std::holds_alternative<PlainText>(part); });
}

// Above these, a text that cannot fit whatever its tokens are is never tokenized: counting takes seconds.
constexpr std::uint64_t counted_bytes_max = std::uint64_t{4} << 20;

Result<void> check_length(const LoadedModel& loaded, const Prompt& prompt, Overlong overlong) {
  const std::uint32_t context = llama_n_ctx(loaded.context.get());
  std::uint64_t bytes = 0;
  for (const PromptPart& part : prompt.parts) {
    if (const auto* words = std::get_if<std::string>(&part)) bytes += words->size();
    if (const auto* plain = std::get_if<PlainText>(&part)) bytes += plain->text.size();
  }
  const std::uint64_t least = bytes / loaded.token_bytes_max;
  if (least < context || (overlong == Overlong::counted && bytes <= counted_bytes_max)) return {};
  constexpr std::uint64_t count_max = std::numeric_limits<std::uint32_t>::max();
  return std::unexpected(Error{
      .fault = Fault::invalid,
      .message = std::format("the prompt has {} bytes of text, which are {} tokens or more, but the context holds "
                             "{}: send less",
                             bytes, least, context),
      .overflow = ContextOverflow{.prompt_tokens = static_cast<std::uint32_t>(std::min(least, count_max)),
                                  .context_tokens = context,
                                  .at_least = true}});
}

// The prompt in parts, with `bitmaps` in its places. Texts in a row are one part, put together in `texts`.
std::vector<ChunkPart> parts_of(const LoadedModel& loaded, const Prompt& prompt, std::span<const Bitmap> bitmaps,
                                std::deque<std::string>& texts) {
  std::vector<ChunkPart> parts;
  auto bitmap = bitmaps.begin();
  bool goes_on = false;
  for (const PromptPart& part : prompt.parts) {
    if (const auto* words = std::get_if<std::string>(&part)) {
      if (words->empty()) continue;
      if (!goes_on) parts.push_back({.text = texts.emplace_back()});
      parts.back().text = texts.back().append(*words);
      goes_on = true;
      continue;
    }
    goes_on = false;
    if (const auto* plain = std::get_if<PlainText>(&part)) {
      for (const std::string_view piece : plain_pieces(*loaded.vocab(), plain->text))
        parts.push_back({.text = piece, .control_tokens = false});
    } else {
      parts.push_back({.bitmap = (bitmap++)->get()});
    }
  }
  return parts;
}

// Without plain text, the prompt is tokenized as one text, as every caller of libmtmd does.
Result<Chunks> tokenized(const LoadedModel& loaded, const Prompt& prompt, const std::vector<Bitmap>& bitmaps) {
  if (has_plain_text(prompt)) {
    std::deque<std::string> texts;
    return Chunks::tokenize(*loaded.vision, parts_of(loaded, prompt, bitmaps, texts), true);
  }
  return Chunks::tokenize(*loaded.vision, text_with_markers(prompt, loaded.marker), true, bitmaps);
}

// How many tiles an image of this size has.
Result<std::size_t> tile_count(const LoadedModel& loaded, const ImageSize& size) {
  std::vector<Bitmap> bitmaps;
  bitmaps.push_back(placeholder(size.width, size.height));
  const auto chunks = Chunks::tokenize(*loaded.vision, loaded.marker, false, bitmaps);
  if (!chunks) return of_picture(size, chunks.error());
  return chunks->tiles().size();
}

// The images that the prompt names and all their tiles, in the prompt's order.
struct NamedImages {
  std::vector<Bitmap> bitmaps;
  std::vector<TileRef> tiles;
};

Result<NamedImages> images_of(const LoadedModel& loaded, const Prompt& prompt, std::span<const ImageSize> images) {
  NamedImages named;
  for (const PromptPart& part : prompt.parts) {
    const auto* slot = std::get_if<ImageSlot>(&part);
    if (!slot) continue;
    if (slot->index >= images.size())
      return fail(Fault::invalid, std::format("the prompt names picture {} of {}", slot->index + 1, images.size()));
    const ImageSize& size = images[slot->index];
    const auto tiles = tile_count(loaded, size);
    if (!tiles) return std::unexpected(tiles.error());
    for (std::uint32_t number = 0; number < *tiles; ++number)
      named.tiles.push_back({static_cast<std::uint32_t>(slot->index), number});
    named.bitmaps.push_back(placeholder(size.width, size.height));
  }
  return named;
}

}  // namespace

std::unexpected<Error> of_picture(const ImageSize& size, const Error& error) {
  return fail(error.fault, std::format("a picture of {} x {} pixels: {}", size.width, size.height, error.message));
}

Bitmap placeholder(std::uint32_t width, std::uint32_t height) {
  return Bitmap(mtmd_bitmap_init(width, height, nullptr));
}

Result<std::unique_ptr<LlamaLayout>> LlamaLayout::make(const LoadedModel& loaded, const Prompt& prompt,
                                                       std::span<const ImageSize> images, Overlong overlong) {
  if (auto fits = check_length(loaded, prompt, overlong); !fits) return std::unexpected(fits.error());
  const auto named = images_of(loaded, prompt, images);
  if (!named) return std::unexpected(named.error());
  auto chunks = tokenized(loaded, prompt, named->bitmaps);
  if (!chunks) return std::unexpected(chunks.error());
  std::unique_ptr<LlamaLayout> layout(new LlamaLayout(std::move(*chunks)));
  if (!layout->append_all(named->tiles))
    return fail(Fault::internal, "llama.cpp lays a picture out in another way among others than alone");
  if (layout->items().empty()) return fail(Fault::invalid, "the prompt is empty: there is nothing to answer to");
  if (layout->items().back().tile)
    return fail(Fault::invalid,
                "the prompt ends with a picture: this model's chat template leaves nothing to answer to");
  if (auto readable = layout->check_tiles(loaded); !readable) return std::unexpected(readable.error());
  if (const std::uint32_t context = llama_n_ctx(loaded.context.get()); layout->tokens() >= context) {
    return std::unexpected(Error{
        .fault = Fault::invalid,
        .message = std::format("the prompt has {} tokens, but the context holds {}, with at least one for the answer: "
                               "ask with fewer or smaller pictures, or with --ctx-size {} or more",
                               layout->tokens(), context, layout->tokens() + 256),
        .overflow = ContextOverflow{.prompt_tokens = layout->tokens(), .context_tokens = context}});
  }
  return layout;
}

// Some models see all of a tile at once, so it must lie in one batch.
Result<void> LlamaLayout::check_tiles(const LoadedModel& loaded) const {
  const std::uint32_t batch = llama_n_ubatch(loaded.context.get());
  for (const mtmd_input_chunk* tile : chunks_.tiles()) {
    const std::size_t tokens = mtmd_input_chunk_get_n_tokens(tile);
    if (tokens <= batch || !mtmd_decode_use_non_causal(loaded.vision.get(), tile)) continue;
    return fail(Fault::invalid, std::format("a picture has {} tokens, but this model reads at most {} in one piece: "
                                            "ask with a smaller one, or with a larger --ctx-size",
                                            tokens, batch));
  }
  return {};
}

bool LlamaLayout::append_all(std::span<const TileRef> tiles) {
  std::size_t next_tile = 0;
  llama_pos position = 0;
  const auto place = [&](std::size_t chunk, llama_pos positions) {
    chunk_of_.push_back(chunk);
    position_ends_.push_back(position += positions);
  };
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    const mtmd_input_chunk& chunk = chunks_.at(i);
    if (mtmd_input_chunk_get_type(&chunk) != MTMD_INPUT_CHUNK_TYPE_TEXT) {
      if (next_tile == tiles.size()) return false;
      append({.tile = tiles[next_tile++]}, static_cast<std::uint32_t>(mtmd_input_chunk_get_n_tokens(&chunk)));
      place(i, mtmd_input_chunk_get_n_pos(&chunk));
      continue;
    }
    std::size_t count = 0;
    const llama_token* tokens = mtmd_input_chunk_get_tokens_text(&chunk, &count);
    for (std::size_t token = 0; token < count; ++token) {
      append({.token = tokens[token], .tile = {}}, 1);
      place(i, 1);
    }
  }
  return next_tile == tiles.size();
}

}  // namespace fovea::llama
