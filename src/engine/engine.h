// VisionLanguageEngine: what Fovea needs of something that runs a vision-language model.
//
// Encoding and answering are separate steps, so that stored values can replace computed ones. An image is
// preprocessed into tiles, each tile is named by the hash of exactly what the encoder would be fed, and each
// missing one is encoded. A prompt is laid out and acquires a slot of the decoder. There its text and
// embeddings are prefilled, except for the cached prefix, and the answer is decoded.
//
// Thread-safe. Work that a model does one request at a time is done in fair turns (Caller). Requests that
// hold slots are computed side by side. The engine outlives its slots, and owns nothing that is passed to it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/attention_summary.h"
#include "engine/caller.h"
#include "engine/message.h"
#include "engine/prompt_layout.h"
#include "engine/slot.h"
#include "engine/tools/tool_format.h"
#include "fovea/blob.h"
#include "fovea/key.h"
#include "fovea/result.h"
#include "image/decoded_image.h"

namespace fovea {

// An image that was preprocessed for the vision encoder: its tiles, one for each call of the encoder.
class TiledImage {
 public:
  virtual ~TiledImage() = default;
  virtual std::size_t tile_count() const = 0;
};

// A tile's embedding, and how long computing it took, without the wait for a turn.
struct Encoded {
  Blob embedding;  // float32 [tokens x width]
  double took_ms;
};

// What the encoder would be fed of a tile, to be compared with another tile.
struct TileValues {
  Key input;                  // tile_input()'s hash
  std::uint32_t width = 0;    // numbers in a row
  std::uint32_t height = 0;   // rows of a channel
  std::vector<float> values;  // by channel, each row by row; empty where they cannot be read
};

// In pixels. It determines an image's tiles and their token layout.
struct ImageSize {
  std::uint32_t width;
  std::uint32_t height;
};

// Is added to the logit of a token: at -100 the token is practically never chosen, at 100 practically always.
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
  // Are subtracted from a token's logit: the first once for each time that the answer so far has the token,
  // the second once if it has it at all. The prompt does not count.
  double frequency_penalty = 0;
  double presence_penalty = 0;
  std::vector<LogitBias> logit_bias;       // several of one token are summed
  std::optional<std::string> json_schema;  // the answer is JSON that fits this JSON Schema
  ToolUse tools;                           // which functions the answer may call

  // True when asking twice gives the same answer, so that it may be stored.
  bool deterministic() const { return temperature == 0 || seed.has_value(); }
};

// What a client may want to know of the model that answers.
struct ModelFacts {
  std::string chat_template;  // Jinja
  std::string bos_token, eos_token;
  std::uint32_t context_tokens = 0;  // of the context, in all
  std::uint32_t slots = 1;           // requests that the decoder computes side by side
  std::int32_t vocabulary = 0;       // tokens
  std::int32_t trained_tokens = 0;   // the longest context that it was trained with
  std::int32_t width = 0;            // numbers in an embedding
  std::uint64_t parameters = 0;      // of the decoder
  std::uint64_t bytes = 0;           // of these
  std::string description;           // architecture and size, as llama.cpp says it
  std::string kernels;               // which compute pictures and long prompts; empty = not known
};

// What becomes of a prompt that cannot fit the context, whatever its tokens are.
enum class Overlong : std::uint8_t {
  refused,  // at once, with the least number of tokens that it has
  counted,  // refused with the number that it has, unless it is so long that counting takes seconds
};

class VisionLanguageEngine {
 public:
  virtual ~VisionLanguageEngine() = default;

  // Names everything that can change an embedding: the mmproj file's content, preprocessing options, the
  // library's version.
  virtual const Key& vision_fingerprint() const = 0;
  // Names everything besides the prompt and GenerateOptions that can change an answer: the decoder's content,
  // context and KV options.
  virtual const Key& text_fingerprint() const = 0;

  // Whether answers can be generated with these options; checked before anything is computed.
  // Faults: invalid for a number out of its range, a biased token that is not in the vocabulary, and text
  // that is not a JSON Schema; unsupported or too_large for a schema that cannot be enforced, with the place
  // in it.
  virtual Result<void> accepts(const GenerateOptions& options) const = 0;
  // The bytes that a token adds to an answer, not always whole characters. Empty for special tokens, which
  // have no text, and for a number that is no token.
  virtual std::string token_bytes(std::int32_t token) const = 0;
  // The text of a token in a prompt: its bytes, or what a control token is written as. Empty for a number
  // that is no token.
  virtual std::string token_text(std::int32_t token) const = 0;

  // The prompt that the model's chat template makes of `messages`, ending where the assistant's answer
  // starts.
  // Faults: invalid when the template refuses the messages (a role it does not know, an order it forbids).
  virtual Result<Prompt> render(std::span<const Message> messages, const RenderOptions& options) const = 0;
  Result<Prompt> render(std::span<const Message> messages) const { return render(messages, {}); }
  // The form in which this model's answers write tool calls.
  virtual ToolFormat tool_format() const = 0;

  // The tokens of `text`. `control_tokens`: the texts of control tokens in it stand for these; otherwise they
  // are plain characters. `add_special`: with what the model wants around every prompt (a BOS token).
  virtual std::vector<std::int32_t> tokenize(std::string_view text, bool add_special, bool control_tokens) const = 0;
  virtual const ModelFacts& facts() const = 0;

  // Preprocesses `image` into tiles. Encodes nothing.
  virtual Result<std::unique_ptr<TiledImage>> preprocess(const DecodedImage& image) = 0;
  // The hash of what the encoder would be fed for tile `index` (BLAKE3): pixel values after preprocessing,
  // their shape, and inputs that depend on the tile's place.
  // Faults: cancelled.
  virtual Result<Key> tile_input(TiledImage& image, std::size_t index, const Caller& caller) = 0;
  // The same, and the numbers that were hashed. Faults: as tile_input(); unsupported where frames_obstacle()
  // says so.
  virtual Result<TileValues> tile_values(TiledImage& /*image*/, std::size_t /*index*/, const Caller& /*caller*/) {
    return fail(Fault::unsupported, std::string(frames_obstacle()));
  }
  // Why this engine does not show what the encoder is fed; empty if it does, but for some encoders.
  virtual std::string_view frames_obstacle() const { return "this engine does not show what its encoder is fed"; }
  // One of 255 levels of brightness, in the units of TileValues.
  virtual float brightness_step() const { return 1; }
  // The embedding of tile `index`. Faults: cancelled, also in the middle of an encode.
  virtual Result<Encoded> encode(TiledImage& image, std::size_t index, const Caller& caller) = 0;
  // Numbers in one visual token: an embedding is float32 [tokens x width].
  virtual std::uint32_t embedding_width() const = 0;
  // Bytes of each tile's embedding for an image of this size, in tile order. Needs no preprocessing, since
  // only the size matters.
  virtual Result<std::vector<std::size_t>> embedding_sizes(std::uint32_t width, std::uint32_t height) = 0;

  // Whether attention summaries are filled: the engine was opened with attention layers, and its model shows
  // them.
  virtual bool has_attention() const = 0;

  // Which part of an image of this size each of its tiles shows, in tile order. Takes some milliseconds a
  // tile.
  // Faults: invalid for a size that cannot be preprocessed; unsupported when the encoder's input cannot be
  // read; cancelled.
  virtual Result<std::vector<TilePlace>> tile_places(std::uint32_t width, std::uint32_t height,
                                                     const Caller& caller) = 0;

  // The items of `prompt` that the decoder prefills, with images of these sizes in its places.
  // Faults: invalid for a place without an image, an image that cannot be preprocessed, a prompt that ends
  // with an image, and a prompt that does not fit the context (both numbers are in the message).
  virtual Result<std::unique_ptr<PromptLayout>> lay_out(const Prompt& prompt, std::span<const ImageSize> images,
                                                        Overlong overlong) = 0;
  Result<std::unique_ptr<PromptLayout>> lay_out(const Prompt& prompt, std::span<const ImageSize> images) {
    return lay_out(prompt, images, Overlong::refused);
  }

  // Purges what the decoder holds of requests that have released their slots.
  virtual void purge_idle() = 0;
  // Bytes that it keeps in memory outside its context of what idle sequences held.
  virtual std::uint64_t parked_bytes() const { return 0; }
  // What requests hold of it now.
  virtual SlotUse slot_use() const { return {}; }

  // Why the state of this model's decoder cannot be saved; empty if it can.
  virtual std::string_view prefix_obstacle() const = 0;

  // Why no tokens of answers are drafted (Slot::draft_from); empty if they are, where that is fast.
  virtual std::string_view draft_obstacle() const { return "this engine drafts no tokens"; }

  // A slot for the prompt `layout`. Waits while all slots are taken, or while the context has no room for the
  // prompt and `answer_tokens_max` tokens more (fewer where the context ends before). `prefix_hashes` are the
  // layout's hash_prefixes: the prefix that the decoder still holds is not prefilled again. If they are
  // empty, no prefix is used and none is kept. `layout` outlives the slot.
  // REQUIRES: there are no prefix hashes, or one an item.
  // Faults: cancelled.
  virtual Result<std::unique_ptr<Slot>> acquire_slot(const PromptLayout& layout, std::span<const Key> prefix_hashes,
                                                     std::int32_t answer_tokens_max, const Caller& caller) = 0;
};

}  // namespace fovea
