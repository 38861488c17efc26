// A prompt is tokenized with placeholder bitmaps, so an image whose embeddings are stored needs neither
// preprocessing nor its pixels. A slot then feeds the stored embeddings through libmtmd's own helper, with
// the positions, masks and batches that the model needs. Encoding is one tile a call. Every call into the
// libraries that hostile input might upset runs under an AbortGuard and fails with an Error.
#include "engine/llama/llama_engine.h"

#include <algorithm>
#include <exception>
#include <format>
#include <optional>
#include <utility>

#include "base/check.h"
#include "engine/llama/backend.h"
#include "engine/llama/decode/chunks.h"
#include "engine/llama/decode/llama_layout.h"
#include "engine/llama/decode/llama_slot.h"
#include "engine/llama/decode/sampler.h"
#include "engine/llama/decode/token_text.h"

namespace fovea::llama {

namespace {

class LlamaTiledImage final : public TiledImage {
 public:
  LlamaTiledImage(DecodedImage image, Chunks chunks)
      : image_(std::move(image)), chunks_(std::move(chunks)), tiles_(chunks_.tiles()) {}

  std::size_t tile_count() const override { return tiles_.size(); }
  const mtmd_input_chunk& tile(std::size_t index) const { return *tiles_[index]; }
  const DecodedImage& image() const { return image_; }

 private:
  DecodedImage image_;
  Chunks chunks_;
  std::vector<const mtmd_input_chunk*> tiles_;
};

// The text of a token that a template may name; empty when the model has no such token.
std::string named_token(const llama_vocab* vocab, llama_token token) {
  return token == LLAMA_TOKEN_NULL ? std::string() : token_text(vocab, token, true);
}

// For models without a template: ChatML, as in llama.cpp.
constexpr const char* chatml =
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor "
    "%}<|im_start|>assistant\n";

ModelFacts facts_of(const LoadedModel& loaded, const char* chat_template) {
  const llama_vocab* vocab = loaded.vocab();
  char description[128] = {};
  llama_model_desc(loaded.model.get(), description, sizeof description);
  return {.chat_template = chat_template,
          .bos_token = named_token(vocab, llama_vocab_bos(vocab)),
          .eos_token = named_token(vocab, llama_vocab_eos(vocab)),
          .context_tokens = llama_n_ctx(loaded.context.get()),
          .slots = loaded.parallel,
          .vocabulary = llama_vocab_n_tokens(vocab),
          .trained_tokens = llama_model_n_ctx_train(loaded.model.get()),
          .width = llama_model_n_embd(loaded.model.get()),
          .parameters = llama_model_n_params(loaded.model.get()),
          .bytes = llama_model_size(loaded.model.get()),
          .description = description,
          .kernels = loaded.kernels.told()};
}

Bitmap bitmap_of(const DecodedImage& image) {
  const auto* pixels = reinterpret_cast<const unsigned char*>(image.pixels.bytes().data());
  return Bitmap(mtmd_bitmap_init(image.width, image.height, pixels));
}

}  // namespace

Result<std::unique_ptr<LlamaEngine>> LlamaEngine::open(const LlamaOptions& options) {
  auto thread = std::make_unique<EngineThread>();
  Result<LoadedModel> loaded;
  thread->run([&] { loaded = LoadedModel::load(options); });
  if (!loaded) return std::unexpected(loaded.error());
  const llama_vocab* vocab = loaded->vocab();
  const char* source = llama_model_chat_template(loaded->model.get(), nullptr);
  // The tokenizer adds a BOS token where the model needs one; the template must not add a second.
  const std::string bos = llama_vocab_get_add_bos(vocab) ? std::string() : named_token(vocab, llama_vocab_bos(vocab));
  auto chat_template = ChatTemplate::parse(source ? source : chatml, bos, named_token(vocab, llama_vocab_eos(vocab)));
  if (!chat_template) {
    return fail(chat_template.error().fault,
                std::format("{}: {}", options.model.string(), chat_template.error().message));
  }
  loaded->tool_format = chat_template->tool_format();
  ModelFacts facts = facts_of(*loaded, source ? source : chatml);
  if (!options.allow_control_tokens) chat_template->protect(protected_tokens(*vocab, facts.chat_template));
  return std::unique_ptr<LlamaEngine>(
      new LlamaEngine(std::move(thread), std::move(*loaded), std::move(*chat_template), std::move(facts)));
}

LlamaEngine::LlamaEngine(std::unique_ptr<EngineThread> thread, LoadedModel loaded, ChatTemplate chat_template,
                         ModelFacts facts)
    : loaded_(std::move(loaded)),
      template_(std::move(chat_template)),
      facts_(std::move(facts)),
      decoder_(loaded_),
      thread_(std::move(thread)) {
  thread_->decode_with([this] { return decoder_.step(); });
  loaded_.probe->yield = [this] { return thread_->yield(); };
}

// The sampler is built again when the answer is generated, which takes a millisecond or two with a schema.
Result<void> LlamaEngine::accepts(const GenerateOptions& options) const {
  const auto context = static_cast<std::int32_t>(llama_n_ctx(loaded_.context.get()));
  return Sampler::make(*loaded_.vocab(), options, context, loaded_.tool_format).transform([](const Sampler&) {});
}

std::string LlamaEngine::token_bytes(std::int32_t token) const {
  const llama_vocab* vocab = loaded_.vocab();
  return token >= 0 && token < llama_vocab_n_tokens(vocab) ? llama::token_text(vocab, token, false) : std::string();
}

std::string LlamaEngine::token_text(std::int32_t token) const {
  const llama_vocab* vocab = loaded_.vocab();
  return token >= 0 && token < llama_vocab_n_tokens(vocab) ? llama::token_text(vocab, token, true) : std::string();
}

Result<Prompt> LlamaEngine::render(std::span<const Message> messages, const RenderOptions& options) const {
  return template_.render(messages, options);
}

std::vector<std::int32_t> LlamaEngine::tokenize(std::string_view words, bool add_special, bool control_tokens) const {
  const std::string text(words);
  const auto length = static_cast<std::int32_t>(text.size());
  std::vector<std::int32_t> tokens(text.size() + 8);  // a token has a byte at least; and BOS, EOS, a blank in front
  const std::int32_t count = llama_tokenize(loaded_.vocab(), text.data(), length, tokens.data(),
                                            static_cast<std::int32_t>(tokens.size()), add_special, control_tokens);
  tokens.resize(static_cast<std::size_t>(std::max(0, count)));
  return tokens;
}

Result<std::unique_ptr<TiledImage>> LlamaEngine::preprocess(const DecodedImage& image) {
  std::vector<Bitmap> bitmaps;
  bitmaps.push_back(bitmap_of(image));
  auto chunks = Chunks::tokenize(*loaded_.vision, loaded_.marker, false, bitmaps);
  if (!chunks) return of_picture({image.width, image.height}, chunks.error());
  return std::make_unique<LlamaTiledImage>(image, std::move(*chunks));
}

Result<double> LlamaEngine::run_encoder(const Caller& caller, std::string_view doing,
                                        const std::function<bool()>& compute) {
  Result<void> result;
  const auto work = [&] {
    try {
      const AbortGuard guard;
      if (!compute()) result = engine_failure(doing);
    } catch (const std::exception& error) {
      result = engine_failure(doing, error.what());
    }
    if (const auto why = loaded_.vision_graph->take_failure()) result = engine_failure(doing, *why);
  };
  auto took_ms = thread_->encode(caller, work);
  if (took_ms && !result) return std::unexpected(result.error());
  return took_ms;
}

Result<Key> LlamaEngine::tile_input(TiledImage& image, std::size_t index, const Caller& caller) {
  const auto& tiled = static_cast<LlamaTiledImage&>(image);
  check(index < tiled.tile_count(), "a tile index is below the tile count");
  std::optional<Key> seen;
  const auto observe = [&] {
    std::int32_t status = 0;
    seen = loaded_.probe->observe([&] { status = mtmd_encode_chunk(loaded_.vision.get(), &tiled.tile(index)); });
    return status == 0;
  };
  if (probe_works_) {
    if (auto ran = run_encoder(caller, "preparing a picture", observe); !ran) return std::unexpected(ran.error());
    if (seen) return *seen;
    probe_works_ = false;
  }
  // The probe cannot read this encoder's input. The tile is named by its whole image and its index, which is
  // as exact but shares no tiles between images.
  return KeyBuilder("fovea/tile-of-image/1")
      .field(image_key(tiled.image()))
      .field(static_cast<std::uint64_t>(index))
      .finish();
}

Result<TileValues> LlamaEngine::tile_values(TiledImage& image, std::size_t index, const Caller& caller) {
  const auto& tiled = static_cast<LlamaTiledImage&>(image);
  check(index < tiled.tile_count(), "a tile index is below the tile count");
  std::optional<ObservedTile> seen;
  const auto observe = [&] {
    std::int32_t status = 0;
    seen = loaded_.probe->observe_values([&] { status = mtmd_encode_chunk(loaded_.vision.get(), &tiled.tile(index)); });
    return status == 0;
  };
  if (probe_works_) {
    if (auto ran = run_encoder(caller, "preparing a picture", observe); !ran) return std::unexpected(ran.error());
  }
  if (seen) return TileValues{seen->key, seen->input.width, seen->input.height, std::move(seen->input.values)};
  const auto input = tile_input(image, index, caller);
  if (!input) return std::unexpected(input.error());
  return TileValues{.input = *input, .values = {}};
}

Result<Encoded> LlamaEngine::encode(TiledImage& image, std::size_t index, const Caller& caller) {
  const auto& tiled = static_cast<LlamaTiledImage&>(image);
  check(index < tiled.tile_count(), "a tile index is below the tile count");
  const mtmd_input_chunk& chunk = tiled.tile(index);
  const std::size_t count =
      mtmd_input_chunk_get_n_tokens(&chunk) * static_cast<std::size_t>(llama_model_n_embd_inp(loaded_.model.get()));
  Blob embedding;
  const auto took_ms = run_encoder(caller, "encoding a picture", [&] {
    if (mtmd_encode_chunk(loaded_.vision.get(), &chunk) != 0) return false;
    embedding = Blob::copy_of(std::as_bytes(std::span(mtmd_get_output_embd(loaded_.vision.get()), count)));
    return true;
  });
  if (!took_ms) return std::unexpected(took_ms.error());
  return Encoded{std::move(embedding), *took_ms};
}

std::uint32_t LlamaEngine::embedding_width() const {
  return static_cast<std::uint32_t>(llama_model_n_embd_inp(loaded_.model.get()));
}

Result<std::vector<std::size_t>> LlamaEngine::embedding_sizes(std::uint32_t width, std::uint32_t height) {
  std::vector<Bitmap> bitmaps;
  bitmaps.push_back(placeholder(width, height));
  const auto chunks = Chunks::tokenize(*loaded_.vision, loaded_.marker, false, bitmaps);
  if (!chunks) return of_picture({width, height}, chunks.error());
  std::vector<std::size_t> sizes;
  for (const mtmd_input_chunk* tile : chunks->tiles()) {
    sizes.push_back(mtmd_input_chunk_get_n_tokens(tile) *
                    static_cast<std::size_t>(llama_model_n_embd_inp(loaded_.model.get())) * sizeof(float));
  }
  return sizes;
}

// The test pictures are preprocessed one after another, since each is as large as the image in question. So
// this takes no more memory than preprocessing that image.
Result<std::vector<TilePlace>> LlamaEngine::tile_places(std::uint32_t width, std::uint32_t height,
                                                        const Caller& caller) {
  if (auto known = places_.find(width, height)) return *std::move(known);
  std::vector<TileProfiles> tiles;
  for (std::size_t which = 0; which < test_pictures; ++which) {
    auto profiles = read_profiles(test_picture(static_cast<TestPicture>(which), width, height), caller);
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

Result<std::vector<TileProfile>> LlamaEngine::read_profiles(DecodedImage picture, const Caller& caller) {
  std::vector<Bitmap> bitmaps;
  // The bitmap is a copy, so `picture` is freed here.
  bitmaps.push_back(bitmap_of(std::exchange(picture, {})));
  auto chunks = Chunks::tokenize(*loaded_.vision, loaded_.marker, false, bitmaps);
  if (!chunks) return std::unexpected(chunks.error());
  bitmaps.clear();
  std::vector<TileProfile> profiles;
  for (const mtmd_input_chunk* tile : chunks->tiles()) {
    const auto input = read_input(*tile, caller);
    if (!input) return std::unexpected(input.error());
    profiles.push_back(profile_of(*input));
  }
  return profiles;
}

Result<TileInput> LlamaEngine::read_input(const mtmd_input_chunk& tile, const Caller& caller) {
  std::optional<TileInput> input;
  auto ran = run_encoder(caller, "preparing a picture", [&] {
    input = loaded_.probe->read([&] { mtmd_encode_chunk(loaded_.vision.get(), &tile); });
    return true;
  });
  if (!ran) return std::unexpected(ran.error());
  if (input) return *std::move(input);
  return fail(Fault::unsupported, "this model's encoder does not show what it is fed");
}

Result<std::unique_ptr<PromptLayout>> LlamaEngine::lay_out(const Prompt& prompt, std::span<const ImageSize> images,
                                                           Overlong overlong) {
  return LlamaLayout::make(loaded_, prompt, images, overlong);
}

void LlamaEngine::purge_idle() {
  thread_->run([this] { decoder_.purge_idle(); });
}

Result<std::unique_ptr<Slot>> LlamaEngine::acquire_slot(const PromptLayout& layout, std::span<const Key> prefix_hashes,
                                                        std::int32_t answer_tokens_max, const Caller& caller) {
  const std::uint64_t wanted = layout.tokens() + static_cast<std::uint64_t>(std::max(1, answer_tokens_max));
  const auto cells = static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, llama_n_ctx(loaded_.context.get())));
  return LlamaSlot::acquire(
      *thread_, decoder_, loaded_,
      std::unique_ptr<SlotTask>(new SlotTask{.layout = static_cast<const LlamaLayout&>(layout),
                                             .prefix_hashes = {prefix_hashes.begin(), prefix_hashes.end()},
                                             .cells = cells,
                                             .caller = caller}));
}

}  // namespace fovea::llama
