// Preprocessing waits on the caller's thread, as it runs there in LlamaEngine, and everything else is the
// device's. A fingerprint has what can change a value: sizes, the answer's length and the profile's own
// fingerprint. Times change none, so machines that compute the same find each other's entries, as real ones
// do.
#include "engine/modelled/modelled_engine.h"

#include <chrono>
#include <format>
#include <thread>
#include <utility>

#include "base/check.h"
#include "engine/generate_checks.h"
#include "engine/modelled/modelled_layout.h"
#include "engine/modelled/modelled_slot.h"
#include "engine/modelled/modelled_tiles.h"
#include "engine/modelled/modelled_tokens.h"

namespace fovea {

namespace {

constexpr const char* chatml =
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor "
    "%}<|im_start|>assistant\n";

class ModelledImage final : public TiledImage {
 public:
  ModelledImage(DecodedImage image, std::uint32_t tiles) : image_(std::move(image)), tiles_(tiles) {}
  std::size_t tile_count() const override { return tiles_; }
  Key name(std::size_t index) const { return tile_name(image_, static_cast<std::uint32_t>(index), tiles_); }

 private:
  DecodedImage image_;
  std::uint32_t tiles_;
};

Key vision_fingerprint_of(const ModelledTimes& times) {
  return KeyBuilder("fovea/modelled-vision/1")
      .field(times.model)
      .field(times.vision_fingerprint)
      .field(times.tiles)
      .field(times.tile_tokens)
      .field(times.width)
      .finish();
}

Key text_fingerprint_of(const ModelledTimes& times) {
  return KeyBuilder("fovea/modelled-text/1")
      .field(vision_fingerprint_of(times))
      .field(times.text_fingerprint)
      .field(times.state_bytes_of_token)
      .field(times.answer_tokens)
      .field(times.context_tokens)
      .finish();
}

ModelFacts facts_of(const ModelledTimes& times, std::uint32_t slots) {
  return {.chat_template = chatml,
          .context_tokens = times.context_tokens,
          .slots = slots,
          .vocabulary = modelled_vocabulary,
          .trained_tokens = static_cast<std::int32_t>(times.context_tokens),
          .width = static_cast<std::int32_t>(times.width),
          .description = std::format("made-up answers with the times of {} on {}", times.model, times.machine),
          .kernels = std::format("none: made-up answers with the times of {} on {}", times.model, times.machine)};
}

// Every model has less; a file may say anything.
constexpr std::uint32_t tiles_max = 4096;
constexpr std::uint64_t tile_bytes_max = std::uint64_t{1} << 30;

Result<void> check_sizes(const ModelledTimes& times) {
  if (times.tiles == 0 || times.tiles > tiles_max || times.tile_bytes() == 0 || times.tile_bytes() > tile_bytes_max)
    return fail(Fault::invalid, std::format("a picture of the profile's model has {} tiles of {} bytes, but at most {} "
                                            "of {} can be modelled",
                                            times.tiles, times.tile_bytes(), tiles_max, tile_bytes_max));
  const std::uint64_t picture = std::uint64_t{times.tiles} * times.tile_tokens;
  if (picture < times.context_tokens) return {};
  return fail(Fault::invalid, std::format("a picture of the profile's model has {} tokens, and its context {}: no "
                                          "question about one could be answered",
                                          picture, times.context_tokens));
}

}  // namespace

Result<std::unique_ptr<ModelledEngine>> ModelledEngine::open(ModelledTimes times, std::uint32_t slots) {
  if (auto checked = check_sizes(times); !checked) return std::unexpected(checked.error());
  auto chat_template = llama::ChatTemplate::parse(chatml, "", "");
  if (!chat_template) return std::unexpected(chat_template.error());
  const llama::ControlTokens control({std::string(turn_begin), std::string(turn_end)});
  chat_template->protect({.from_anyone = control, .from_model = control});
  return std::unique_ptr<ModelledEngine>(new ModelledEngine(std::move(times), slots, std::move(*chat_template)));
}

ModelledEngine::ModelledEngine(ModelledTimes times, std::uint32_t slots, llama::ChatTemplate chat_template)
    : times_(std::move(times)),
      vision_fingerprint_(vision_fingerprint_of(times_)),
      text_fingerprint_(text_fingerprint_of(times_)),
      facts_(facts_of(times_, slots)),
      template_(std::move(chat_template)),
      device_(times_, slots) {}

Result<void> ModelledEngine::accepts(const GenerateOptions& options) const {
  if (auto checked = check_generate(options, modelled_vocabulary); !checked) return checked;
  if (options.json_schema)
    return fail(Fault::unsupported, "the answers of this server are made up, and fit no JSON Schema");
  if (options.tools.wanted() && options.tools.choice == ToolChoice::required)
    return fail(Fault::unsupported, "the answers of this server are made up, and call no tools");
  return {};
}

std::string ModelledEngine::token_bytes(std::int32_t token) const {
  return is_control_token(token) ? std::string() : modelled_token_text(token);
}

std::string ModelledEngine::token_text(std::int32_t token) const { return modelled_token_text(token); }

Result<Prompt> ModelledEngine::render(std::span<const Message> messages, const RenderOptions& options) const {
  return template_.render(messages, options);
}

std::vector<std::int32_t> ModelledEngine::tokenize(std::string_view text, bool, bool control_tokens) const {
  return modelled_tokens(text, control_tokens);
}

Result<std::unique_ptr<TiledImage>> ModelledEngine::preprocess(const DecodedImage& image) {
  std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(times_.preprocess_ms));
  return std::make_unique<ModelledImage>(image, times_.tiles);
}

Result<Key> ModelledEngine::tile_input(TiledImage& image, std::size_t index, const Caller& caller) {
  if (auto hashed = device_.work(caller, times_.hash_ms); !hashed) return std::unexpected(hashed.error());
  return static_cast<ModelledImage&>(image).name(index);
}

Result<Encoded> ModelledEngine::encode(TiledImage& image, std::size_t index, const Caller& caller) {
  const auto took_ms = device_.work(caller, times_.encode_ms);
  if (!took_ms) return std::unexpected(took_ms.error());
  return Encoded{made_embedding(times_, static_cast<ModelledImage&>(image).name(index)), *took_ms};
}

Result<std::vector<std::size_t>> ModelledEngine::embedding_sizes(std::uint32_t, std::uint32_t) {
  return std::vector<std::size_t>(times_.tiles, times_.tile_bytes());
}

Result<std::vector<TilePlace>> ModelledEngine::tile_places(std::uint32_t, std::uint32_t, const Caller&) {
  return band_places(times_.tiles);
}

Result<std::unique_ptr<PromptLayout>> ModelledEngine::lay_out(const Prompt& prompt, std::span<const ImageSize> images,
                                                              Overlong overlong) {
  return ModelledLayout::make(times_, prompt, images, overlong);
}

std::string_view ModelledEngine::prefix_obstacle() const {
  return times_.has_states() ? "" : "the profile has no times of the decoder's state";
}

Result<std::unique_ptr<Slot>> ModelledEngine::acquire_slot(const PromptLayout& layout,
                                                           std::span<const Key> prefix_hashes,
                                                           std::int32_t answer_tokens_max, const Caller& caller) {
  check(prefix_hashes.empty() || prefix_hashes.size() == layout.items().size(), "there is a prefix hash for each item");
  return ModelledSlot::acquire(device_, times_, layout, answer_tokens_max, caller);
}

}  // namespace fovea
