// Approach: the decoder holds one sequence, which every prefill replaces. A prompt is tokenised with placeholder
// bitmaps, so a picture whose embeddings are stored costs neither preprocessing nor its pixels; libmtmd's own helper
// then feeds the stored embeddings with the positions, masks and batches that the model asks for. Encoding is one tile
// a call. Every call into the libraries that hostile input might upset runs under an AbortGuard and answers with an
// Error.
#include "engine/llama/llama_engine.h"

#include <mtmd-helper.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <format>
#include <optional>
#include <utility>

#include "base/check.h"
#include "engine/answer_text.h"
#include "engine/llama/backend.h"
#include "engine/llama/chunks.h"
#include "engine/llama/sampler.h"

namespace fovea::llama {

namespace {

class LlamaTiledImage final : public TiledImage {
 public:
  LlamaTiledImage(Image image, Chunks chunks)
      : image_(std::move(image)), chunks_(std::move(chunks)), tiles_(chunks_.tiles()) {}

  std::size_t tile_count() const override { return tiles_.size(); }
  const mtmd_input_chunk& tile(std::size_t index) const { return *tiles_[index]; }
  const Image& image() const { return image_; }

 private:
  Image image_;
  Chunks chunks_;
  std::vector<const mtmd_input_chunk*> tiles_;
};

std::unexpected<Error> engine_failure(std::string_view doing, std::string_view why = {}) {
  const std::string complaint = why.empty() ? take_complaint() : std::string(why);
  return fail(Fault::internal, std::format("llama.cpp failed {}{}{}", doing, complaint.empty() ? "" : ": ", complaint));
}

std::string token_text(const llama_vocab* vocab, llama_token token, bool special) {
  std::string piece(64, '\0');  // longer than most; asked again with the right size when not
  std::int32_t length =
      llama_token_to_piece(vocab, token, piece.data(), static_cast<std::int32_t>(piece.size()), 0, special);
  if (length < 0) {
    piece.resize(static_cast<std::size_t>(-length));
    length = llama_token_to_piece(vocab, token, piece.data(), static_cast<std::int32_t>(piece.size()), 0, special);
  }
  piece.resize(static_cast<std::size_t>(std::max(length, 0)));
  return piece;
}

// The text of a token that a template may name, empty when the model has none.
std::string named_token(const llama_vocab* vocab, llama_token token) {
  return token == LLAMA_TOKEN_NULL ? std::string() : token_text(vocab, token, true);
}

// Models without a template get ChatML, as in llama.cpp.
constexpr const char* chatml =
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor "
    "%}<|im_start|>assistant\n";

Bitmap bitmap_of(const Image& image) {
  const auto* pixels = reinterpret_cast<const unsigned char*>(image.pixels.bytes().data());
  return Bitmap(mtmd_bitmap_init(image.width, image.height, pixels));
}

Bitmap placeholder(std::uint32_t width, std::uint32_t height) {
  return Bitmap(mtmd_bitmap_init(width, height, nullptr));
}

// The images that the prompt's slots name, in the prompt's order.
Result<std::vector<const PromptImage*>> images_in_order(const Prompt& prompt, std::span<const PromptImage> images) {
  std::vector<const PromptImage*> ordered;
  for (const PromptPart& part : prompt.parts) {
    const auto* slot = std::get_if<ImageSlot>(&part);
    if (!slot) continue;
    if (slot->index >= images.size()) {
      return fail(Fault::invalid, std::format("the prompt names picture {} of {}", slot->index + 1, images.size()));
    }
    ordered.push_back(&images[slot->index]);
  }
  return ordered;
}

std::string text_with_markers(const Prompt& prompt, const std::string& marker) {
  std::string text;
  for (const PromptPart& part : prompt.parts) {
    const auto* words = std::get_if<std::string>(&part);
    text += words ? *words : marker;
  }
  return text;
}

// Sets the decoder's abort flag while a stop is requested. The flag is lowered when the watch ends.
class AbortOnStop {
 public:
  AbortOnStop(std::atomic<bool>& flag, std::stop_token stop)
      : flag_(flag), callback_(std::move(stop), [&flag] { flag = true; }) {}
  ~AbortOnStop() { flag_ = false; }
  AbortOnStop(const AbortOnStop&) = delete;
  AbortOnStop& operator=(const AbortOnStop&) = delete;

 private:
  std::atomic<bool>& flag_;
  std::stop_callback<std::function<void()>> callback_;
};

std::unexpected<Error> cancelled() { return fail(Fault::cancelled, "stopped before the answer was complete"); }

// Lets the tap add to a sum for a scope; does nothing without a tap.
class Tapping {
 public:
  Tapping(AttentionTap* tap, AttentionSum& sum) : tap_(tap) {
    if (tap_ != nullptr) tap_->watch(&sum);
  }
  ~Tapping() {
    if (tap_ != nullptr) tap_->watch(nullptr);
  }
  Tapping(const Tapping&) = delete;
  Tapping& operator=(const Tapping&) = delete;

 private:
  AttentionTap* tap_;
};

// The grid that a tile's tokens lie on: as the model's own two-dimensional positions say, or else a square, or else one row.
std::pair<std::uint32_t, std::uint32_t> grid_of(const mtmd_input_chunk& tile) {
  const mtmd_image_tokens* tokens = mtmd_input_chunk_get_tokens_image(&tile);
  const auto count = static_cast<std::uint32_t>(mtmd_input_chunk_get_n_tokens(&tile));
  if (tokens == nullptr || count == 0) return {count, 1};
  const mtmd_decoder_pos last = mtmd_image_tokens_get_decoder_pos(tokens, 0, count - 1);
  if (last.y > 0 && std::uint64_t{last.x + 1} * (last.y + 1) == count) return {last.x + 1, last.y + 1};
  const auto side = static_cast<std::uint32_t>(std::lround(std::sqrt(count)));
  return side * side == count ? std::pair(side, side) : std::pair(count, 1U);
}

// Appends a run behind the last one.
void append_run(std::vector<TokenRun>& runs, TokenRun run) {
  run.first = runs.empty() ? 0 : runs.back().first + runs.back().count;
  if (run.count > 0) runs.push_back(run);
}

// The natural logarithm of the probability of `token` among `logits`.
double log_probability(std::span<const float> logits, llama_token token) {
  const float highest = *std::ranges::max_element(logits);
  constexpr float negligible = -16;  // e^-16 each: 128,000 of them change the sum by less than 2 %
  double sum = 0;
  for (const float logit : logits) {
    if (logit - highest > negligible) sum += std::exp(logit - highest);
  }
  return static_cast<double>(logits[static_cast<std::size_t>(token)] - highest) - std::log(sum);
}

// Feeds a prompt's chunks to the decoder, chunk by chunk.
class Prefill {
 public:
  // `gaze`, if there is one, is begun anew and filled.
  Prefill(LoadedModel& loaded, const Chunks& chunks, std::vector<const PromptImage*> images, Gaze* gaze)
      : loaded_(loaded), chunks_(chunks), gaze_(gaze) {
    for (std::uint32_t image = 0; image < images.size(); ++image) {
      std::uint32_t tile = 0;
      for (const Blob& embedding : images[image]->embeddings) tiles_.push_back({&embedding, image, tile++});
    }
  }

  // Every tile of the prompt must have its embedding, of exactly its size: a stored value of another shape is never
  // fed.
  Result<void> check_shapes() const {
    const auto tiles = chunks_.tiles();
    if (tiles.size() != tiles_.size()) {
      return fail(Fault::corrupt, std::format("the prompt's pictures have {} tiles, but {} embeddings were given",
                                              tiles.size(), tiles_.size()));
    }
    const std::size_t width = static_cast<std::size_t>(llama_model_n_embd_inp(loaded_.model.get()));
    for (std::size_t i = 0; i < tiles.size(); ++i) {
      const std::size_t expected = mtmd_input_chunk_get_n_tokens(tiles[i]) * width * sizeof(float);
      if (tiles_[i].embedding->size() == expected) continue;
      return fail(Fault::corrupt, std::format("tile {} takes an embedding of {} bytes, but {} were given", i, expected,
                                              tiles_[i].embedding->size()));
    }
    return {};
  }

  // The number of tokens and positions in all.
  std::pair<std::size_t, llama_pos> extent() const {
    std::size_t tokens = 0;
    llama_pos positions = 0;
    for (std::size_t i = 0; i < chunks_.size(); ++i) {
      tokens += mtmd_input_chunk_get_n_tokens(&chunks_.at(i));
      positions += mtmd_input_chunk_get_n_pos(&chunks_.at(i));
    }
    return {tokens, positions};
  }

  // Runs; returns the position after the prompt.
  Result<llama_pos> run(const std::stop_token& stop) {
    llama_memory_clear(llama_get_memory(loaded_.context.get()), false);
    if (gaze_ != nullptr) *gaze_ = Gaze{.sum = AttentionSum(llama_n_ctx(loaded_.context.get())), .runs = {}};
    for (std::size_t i = 0; i < chunks_.size(); ++i) {
      const mtmd_input_chunk& chunk = chunks_.at(i);
      const bool last = i + 1 == chunks_.size();
      const bool done =
          mtmd_input_chunk_get_type(&chunk) == MTMD_INPUT_CHUNK_TYPE_TEXT ? read_text(chunk, last) : read_tile(chunk);
      if (stop.stop_requested()) return cancelled();
      if (!done) return engine_failure("reading the prompt");
    }
    return position_;
  }

 private:
  bool read_text(const mtmd_input_chunk& chunk, bool last) {
    std::size_t count = 0;
    const llama_token* tokens = mtmd_input_chunk_get_tokens_text(&chunk, &count);
    const bool sees_pictures = next_tile_ > 0;
    std::optional<Tapping> tapping;
    if (gaze_ != nullptr) {
      append_run(gaze_->runs, {.count = static_cast<std::uint32_t>(count)});
      if (sees_pictures) tapping.emplace(loaded_.tap.get(), gaze_->sum);
    }
    const std::size_t batch_max = llama_n_batch(loaded_.context.get());
    for (std::size_t start = 0; start < count; start += batch_max) {
      const std::size_t end = std::min(start + batch_max, count);
      if (!read_tokens({tokens + start, tokens + end}, last && end == count)) return false;
    }
    return true;
  }

  // Reads one batch of tokens; only the prompt's last token needs logits.
  bool read_tokens(std::span<const llama_token> tokens, bool with_logits) {
    llama_batch batch = llama_batch_init(static_cast<std::int32_t>(tokens.size()), 0, 1);
    for (const llama_token token : tokens) {
      const auto i = batch.n_tokens++;
      batch.token[i] = token;
      batch.pos[i] = position_++;
      batch.n_seq_id[i] = 1;
      batch.seq_id[i][0] = 0;
      batch.logits[i] = with_logits && static_cast<std::size_t>(i) + 1 == tokens.size() ? 1 : 0;
    }
    const std::int32_t status = llama_decode(loaded_.context.get(), batch);
    llama_batch_free(batch);
    return status == 0;
  }

  bool read_tile(const mtmd_input_chunk& chunk) {
    // The helper takes a mutable pointer and only reads through it.
    const Tile& tile = tiles_[next_tile_++];
    auto* embedding = const_cast<float*>(tile.embedding->as<float>().data());
    if (gaze_ != nullptr) {
      const auto [columns, rows] = grid_of(chunk);
      append_run(gaze_->runs, {.count = columns * rows,
                               .visual = true,
                               .image = tile.image,
                               .tile = tile.number,
                               .columns = columns,
                               .rows = rows});
    }
    const auto batch = static_cast<std::int32_t>(llama_n_batch(loaded_.context.get()));
    return mtmd_helper_decode_image_chunk(loaded_.vision.get(), loaded_.context.get(), &chunk, embedding, position_, 0,
                                          batch, &position_, nullptr, nullptr) == 0;
  }

  LoadedModel& loaded_;
  const Chunks& chunks_;
  struct Tile {
    const Blob* embedding;
    std::uint32_t image, number;
  };

  Gaze* gaze_;
  std::vector<Tile> tiles_;  // of all images, in prompt order
  std::size_t next_tile_ = 0;
  llama_pos position_ = 0;
};

}  // namespace

Result<std::unique_ptr<LlamaEngine>> LlamaEngine::open(const LlamaOptions& options) {
  auto loaded = LoadedModel::load(options);
  if (!loaded) return std::unexpected(loaded.error());
  const llama_vocab* vocab = loaded->vocab();
  const char* source = llama_model_chat_template(loaded->model.get(), nullptr);
  // The tokenizer adds a BOS where the model wants one; the template must not add a second.
  const std::string bos = llama_vocab_get_add_bos(vocab) ? std::string() : named_token(vocab, llama_vocab_bos(vocab));
  auto chat_template = ChatTemplate::parse(source ? source : chatml, bos, named_token(vocab, llama_vocab_eos(vocab)));
  if (!chat_template) {
    return fail(chat_template.error().fault,
                std::format("{}: {}", options.model.string(), chat_template.error().message));
  }
  return std::unique_ptr<LlamaEngine>(new LlamaEngine(std::move(*loaded), std::move(*chat_template)));
}

Result<Prompt> LlamaEngine::render(std::span<const Message> messages) const {
  return template_.render(messages, loaded_.marker);
}

Result<std::unique_ptr<TiledImage>> LlamaEngine::cut(const Image& image) {
  std::vector<Bitmap> bitmaps;
  bitmaps.push_back(bitmap_of(image));
  auto chunks = Chunks::tokenize(*loaded_.vision, loaded_.marker, false, bitmaps);
  if (!chunks) return std::unexpected(chunks.error());
  return std::make_unique<LlamaTiledImage>(image, std::move(*chunks));
}

Result<Key> LlamaEngine::tile_input(TiledImage& image, std::size_t index) {
  const auto& tiled = static_cast<LlamaTiledImage&>(image);
  check(index < tiled.tile_count(), "a tile index is below the tile count");
  if (probe_works_) {
    try {
      const AbortGuard guard;
      std::int32_t status = 0;
      const auto seen =
          loaded_.probe->observe([&] { status = mtmd_encode_chunk(loaded_.vision.get(), &tiled.tile(index)); });
      if (status != 0) return engine_failure("preparing a picture");
      if (seen) return *seen;
    } catch (const std::exception& error) {
      return engine_failure("preparing a picture", error.what());
    }
    probe_works_ = false;
  }
  // An encoder that the probe cannot read: the tile is named by its whole picture and its place, which is as exact but
  // shares nothing between pictures.
  return KeyBuilder("fovea/tile-of-image/1")
      .field(image_key(tiled.image()))
      .field(static_cast<std::uint64_t>(index))
      .finish();
}

Result<Blob> LlamaEngine::encode(TiledImage& image, std::size_t index) {
  const auto& tiled = static_cast<LlamaTiledImage&>(image);
  check(index < tiled.tile_count(), "a tile index is below the tile count");
  const mtmd_input_chunk& chunk = tiled.tile(index);
  try {
    const AbortGuard guard;
    if (mtmd_encode_chunk(loaded_.vision.get(), &chunk) != 0) return engine_failure("encoding a picture");
  } catch (const std::exception& error) {
    return engine_failure("encoding a picture", error.what());
  }
  const std::size_t count =
      mtmd_input_chunk_get_n_tokens(&chunk) * static_cast<std::size_t>(llama_model_n_embd_inp(loaded_.model.get()));
  return Blob::copy_of(std::as_bytes(std::span(mtmd_get_output_embd(loaded_.vision.get()), count)));
}

Result<std::vector<std::size_t>> LlamaEngine::embedding_sizes(std::uint32_t width, std::uint32_t height) {
  std::vector<Bitmap> bitmaps;
  bitmaps.push_back(placeholder(width, height));
  const auto chunks = Chunks::tokenize(*loaded_.vision, loaded_.marker, false, bitmaps);
  if (!chunks) return std::unexpected(chunks.error());
  std::vector<std::size_t> sizes;
  for (const mtmd_input_chunk* tile : chunks->tiles()) {
    sizes.push_back(mtmd_input_chunk_get_n_tokens(tile) *
                    static_cast<std::size_t>(llama_model_n_embd_inp(loaded_.model.get())) * sizeof(float));
  }
  return sizes;
}

// One test picture after the other, as each is as large as the picture in question: so this takes no more memory than cutting that.
Result<std::vector<TilePlace>> LlamaEngine::tile_places(std::uint32_t width, std::uint32_t height) {
  if (auto known = places_.find(width, height)) return *std::move(known);
  std::vector<TileProfiles> tiles;
  for (std::size_t which = 0; which < test_pictures; ++which) {
    auto profiles = read_profiles(test_picture(static_cast<TestPicture>(which), width, height));
    if (!profiles) return std::unexpected(profiles.error());
    tiles.resize(profiles->size());
    for (std::size_t tile = 0; tile < tiles.size(); ++tile) tiles[tile][which] = std::move((*profiles)[tile]);
  }
  std::vector<TilePlace> places;
  for (const TileProfiles& tile : tiles) {
    const auto place = locate_tile(tile);
    if (!place)
      return fail(Fault::unsupported, "this model's preprocessing hides which part of a picture a tile shows");
    places.push_back(*place);
  }
  places_.keep(width, height, places);
  return places;
}

Result<std::vector<TileProfile>> LlamaEngine::read_profiles(Image picture) {
  std::vector<Bitmap> bitmaps;
  bitmaps.push_back(bitmap_of(std::exchange(picture, {})));  // copied, so that one copy is enough from here on
  auto chunks = Chunks::tokenize(*loaded_.vision, loaded_.marker, false, bitmaps);
  if (!chunks) return std::unexpected(chunks.error());
  bitmaps.clear();
  std::vector<TileProfile> profiles;
  for (const mtmd_input_chunk* tile : chunks->tiles()) {
    const auto input = read_input(*tile);
    if (!input) return std::unexpected(input.error());
    profiles.push_back(profile_of(*input));
  }
  return profiles;
}

Result<TileInput> LlamaEngine::read_input(const mtmd_input_chunk& tile) {
  try {
    const AbortGuard guard;
    auto input = loaded_.probe->read([&] { mtmd_encode_chunk(loaded_.vision.get(), &tile); });
    if (input) return *std::move(input);
  } catch (const std::exception& error) {
    return engine_failure("preparing a picture", error.what());
  }
  return fail(Fault::unsupported, "this model's encoder does not show what it is fed");
}

Result<std::int32_t> LlamaEngine::prefill(const Prompt& prompt, std::span<const PromptImage> images,
                                          std::stop_token stop) {
  auto ordered = images_in_order(prompt, images);
  if (!ordered) return std::unexpected(ordered.error());
  std::vector<Bitmap> bitmaps;
  for (const PromptImage* image : *ordered) bitmaps.push_back(placeholder(image->width, image->height));
  const auto chunks = Chunks::tokenize(*loaded_.vision, text_with_markers(prompt, loaded_.marker), true, bitmaps);
  if (!chunks) return std::unexpected(chunks.error());
  if (chunks->size() == 0 || mtmd_input_chunk_get_type(&chunks->at(chunks->size() - 1)) != MTMD_INPUT_CHUNK_TYPE_TEXT) {
    return fail(Fault::invalid,
                "the prompt ends with a picture: this model's chat template leaves nothing to answer to");
  }

  Prefill reading(loaded_, *chunks, std::move(*ordered), gaze_);
  if (auto fits = reading.check_shapes(); !fits) return std::unexpected(fits.error());
  const auto [tokens, positions] = reading.extent();
  if (const std::size_t context = llama_n_ctx(loaded_.context.get()); tokens >= context) {
    return fail(Fault::invalid,
                std::format("the prompt has {} tokens, but the context holds {}, with at least one for the answer: "
                            "ask with fewer or smaller pictures, or with --ctx-size {} or more",
                            tokens, context, tokens + 256));
  }
  const AbortOnStop watch(*loaded_.abort_decode, stop);
  try {
    const AbortGuard guard;
    auto end = reading.run(stop);
    if (!end) return std::unexpected(end.error());
    position_ = *end;
  } catch (const std::exception& error) {
    return engine_failure("reading the prompt", error.what());
  }
  return static_cast<std::int32_t>(tokens);
}

Result<void> LlamaEngine::read_back(llama_token token) {
  llama_batch batch = llama_batch_get_one(&token, 1);
  batch.pos = &position_;
  try {
    const AbortGuard guard;
    if (llama_decode(loaded_.context.get(), batch) != 0) return engine_failure("generating the answer");
  } catch (const std::exception& error) {
    return engine_failure("generating the answer", error.what());
  }
  ++position_;
  return {};
}

Result<Generation> LlamaEngine::generate(const GenerateOptions& options, const TokenCallback& on_token,
                                         std::stop_token stop) {
  const Sampler sampler = make_sampler(options);
  const llama_vocab* vocab = loaded_.vocab();
  const auto vocab_size = static_cast<std::size_t>(llama_vocab_n_tokens(vocab));
  llama_context* context = loaded_.context.get();
  const AbortOnStop watch(*loaded_.abort_decode, stop);
  AnswerText answer(options.stop);
  Generation generation{.finish_reason = FinishReason::length};
  std::uint32_t read_back_count = 0;

  // The context may fill before max_tokens: the answer then ends for its length, as OpenAI's API has it.
  std::optional<Tapping> tapping;
  if (gaze_ != nullptr) tapping.emplace(loaded_.tap.get(), gaze_->sum);
  const auto context_room =
      static_cast<std::int32_t>(llama_n_ctx(context)) - llama_memory_seq_pos_max(llama_get_memory(context), 0) - 1;
  const std::int32_t tokens_max = std::min(options.max_tokens, context_room);
  while (generation.tokens < tokens_max) {
    llama_token token = llama_sampler_sample(sampler.get(), context, -1);
    if (llama_vocab_is_eog(vocab, token)) {
      generation.finish_reason = FinishReason::stop;
      break;
    }
    ++generation.tokens;
    const std::span<const float> logits(llama_get_logits_ith(context, -1), vocab_size);
    if (gaze_ != nullptr) gaze_->log_probability += log_probability(logits, token);
    const std::string_view text = answer.push(token_text(vocab, token, false));
    if (on_token) on_token(Token{token, logits}, text);
    if (answer.stopped()) {
      generation.finish_reason = FinishReason::stop;
      break;
    }
    if (stop.stop_requested()) return cancelled();
    if (generation.tokens == tokens_max) break;
    if (auto read = read_back(token); !read) return stop.stop_requested() ? cancelled() : std::unexpected(read.error());
    ++read_back_count;
  }
  if (gaze_ != nullptr) {
    gaze_->tokens = generation.tokens;
    append_run(gaze_->runs, {.count = read_back_count});
  }
  const std::string_view rest = answer.finish();
  if (on_token && !rest.empty()) on_token(Token{LLAMA_TOKEN_NULL, {}}, rest);
  generation.text = answer.text();
  return generation;
}

}  // namespace fovea::llama
