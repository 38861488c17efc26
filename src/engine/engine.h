// VisionLanguageEngine: what Fovea needs of something that runs a vision-language model.
//
// Encoding and answering are separate steps, so that what is stored can stand in for what would be computed: a picture
// is cut into tiles, each tile is named by exactly what the encoder would be fed, and each missing one is encoded; a
// prompt is laid out, and in a slot of the decoder it is read, from text and embeddings, as far as the slot does not
// hold it already. Thread-safe: what a model can do one at a time only is done in fair turns (Caller), and requests
// that sit in the decoder side by side are computed side by side.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/attention_summary.h"
#include "engine/caller.h"
#include "engine/prompt_layout.h"
#include "engine/slot.h"
#include "fovea/blob.h"
#include "fovea/key.h"
#include "fovea/result.h"
#include "image/decoded_image.h"

namespace fovea {

// A place in a prompt where an image goes: its index in the request's list of images.
struct ImageSlot {
  std::size_t index;
  friend bool operator==(const ImageSlot&, const ImageSlot&) = default;
};
using PromptPart = std::variant<std::string, ImageSlot>;

// One chat message: a role ("system", "user", "assistant") and its text and images in order.
struct Message {
  std::string role;
  std::vector<PromptPart> parts;
};

// Messages rendered by the model's chat template: text (special tokens included) with the images in place.
struct Prompt {
  std::vector<PromptPart> parts;
};

// A picture cut up for the vision encoder (preprocessed), one tile for each call of the encoder.
class TiledImage {
 public:
  virtual ~TiledImage() = default;
  virtual std::size_t tile_count() const = 0;
};

// A tile's embedding, and what making it took: without what was waited for one's turn.
struct Encoded {
  Blob embedding;  // float32 [tokens x width]
  double took_ms;
};

// In pixels. It fixes a picture's tiles and their token layout.
struct ImageSize {
  std::uint32_t width;
  std::uint32_t height;
};

// Added to the logit of a token: at -100 it is practically never chosen, at 100 practically always.
struct LogitBias {
  std::int32_t token;
  double bias;
};

// How tokens are chosen and when to stop. Everything here is part of the response key.
struct GenerateOptions {
  double temperature = 0;  // 0 = greedy: the most likely token each time
  double top_p = 1;
  std::int32_t top_k = 0;  // 0 = all
  double min_p = 0;
  std::optional<std::uint32_t> seed;  // absent = a fresh one each time
  std::int32_t max_tokens = 512;
  std::vector<std::string> stop;  // strings that end the answer; they are not part of it
  // Taken off a token's logit: for each time that it stands in the answer so far, and once if it does at all. The
  // prompt does not count.
  double frequency_penalty = 0;
  double presence_penalty = 0;
  std::vector<LogitBias> logit_bias;       // of one token several times: their sum
  std::optional<std::string> json_schema;  // the answer is JSON that fits this JSON Schema

  // True when asking twice gives the same answer, so that it may be stored.
  bool deterministic() const { return temperature == 0 || seed.has_value(); }
};

class VisionLanguageEngine {
 public:
  virtual ~VisionLanguageEngine() = default;

  // Names everything that can change an embedding: the mmproj file's content, preprocessing options, the library's
  // version.
  virtual const Key& vision_fingerprint() const = 0;
  // Names everything besides the prompt and GenerateOptions that can change an answer: the decoder's content, context
  // and KV options.
  virtual const Key& text_fingerprint() const = 0;

  // Whether answers can be generated with these options; asked before anything is computed for them.
  // Faults: invalid for a number out of its range, a biased token that is not in the vocabulary, and a schema that is
  // none; unsupported or too_large for a schema that cannot be kept to, with the place in it.
  virtual Result<void> accepts(const GenerateOptions& options) const = 0;
  // The bytes of a token as it stands in an answer, not always whole characters. Empty for special tokens, which stand
  // for no text, and for what is no token.
  virtual std::string token_bytes(std::int32_t token) const = 0;

  // The prompt that the model's chat template makes of `messages`, ending where the assistant's answer starts.
  // Faults: invalid when the template refuses the messages (a role it does not know, an order it forbids).
  virtual Result<Prompt> render(std::span<const Message> messages) const = 0;

  // Preprocesses `image` and cuts it into tiles. Encodes nothing.
  virtual Result<std::unique_ptr<TiledImage>> preprocess(const DecodedImage& image) = 0;
  // BLAKE3 of what the encoder would be fed for tile `index`: pixel values after preprocessing, their shape and
  // place-dependent inputs.
  // Faults: cancelled.
  virtual Result<Key> tile_input(TiledImage& image, std::size_t index, const Caller& caller) = 0;
  // The embedding of tile `index`. Faults: cancelled, also in the middle of an encode.
  virtual Result<Encoded> encode(TiledImage& image, std::size_t index, const Caller& caller) = 0;
  // Numbers in one visual token: an embedding is float32 [tokens x width].
  virtual std::uint32_t embedding_width() const = 0;
  // Bytes of each tile's embedding for an image of this size, in tile order. Costs no preprocessing: only the size
  // matters.
  virtual Result<std::vector<std::size_t>> embedding_sizes(std::uint32_t width, std::uint32_t height) = 0;

  // Whether a attention summary gets anything to see: the engine was opened so that it tells what it looks at, and its model can.
  virtual bool has_attention() const = 0;

  // Which part of a picture of this size each of its tiles shows, in tile order. Takes some milliseconds a tile.
  // Faults: invalid for a size that cannot be cut; unsupported when the encoder's input cannot be seen; cancelled.
  virtual Result<std::vector<TilePlace>> tile_places(std::uint32_t width, std::uint32_t height,
                                                     const Caller& caller) = 0;

  // `prompt` as the decoder reads it, with pictures of these sizes in its slots.
  // Faults: invalid for a slot without a picture, a picture that cannot be cut, a prompt that ends with one, and one
  // that does not fit the context (both numbers are in the message).
  virtual Result<std::unique_ptr<PromptLayout>> lay_out(const Prompt& prompt, std::span<const ImageSize> images) = 0;

  // Forgets what the decoder holds of requests that have given back their slots.
  virtual void purge_idle() = 0;

  // Why this model's decoder can neither be put back to an earlier point nor its state be kept; empty if it can.
  virtual std::string_view prefix_obstacle() const = 0;

  // A place to read `layout` in, waited for while all are taken or the context has no room for the prompt and
  // `answer_tokens_max` more (fewer, where the context ends before). `chain` is the layout's hash_prefixes: what the
  // decoder holds of it need not be read. Empty, nothing is held and nothing is remembered. `layout` outlives the slot.
  // REQUIRES: chain is empty or of one link an item. Faults: cancelled.
  virtual Result<std::unique_ptr<Slot>> acquire_slot(const PromptLayout& layout, std::span<const Key> prefix_hashes,
                                                     std::int32_t answer_tokens_max, const Caller& caller) = 0;
};

}  // namespace fovea
