// MovedDecoder: decodes prompts in three ways, to compare them: whole and alone, in a batch with three
// others, and with one picture's state taken from another prompt and moved.
//
// It works on libllama below the product's slots, which know no moved state. Text, tiles and answers are
// decoded in the same batches as by the product's decoder (src/engine/llama/decode/decoder.h). For models
// whose positions are those of plain RoPE. Not thread-safe; owns the model. A failure ends the program.
#pragma once

#include <llama.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/llama/decode/llama_layout.h"
#include "engine/llama/decode/text_batch.h"
#include "engine/llama/loaded_model.h"

namespace fovea::bench {

// A prompt and its pictures' embeddings, by image and tile.
struct LaidOut {
  std::unique_ptr<llama::LlamaLayout> layout;
  std::vector<std::vector<Blob>> embeddings;
};

// The items of one picture: its tiles, and the markup between them.
struct ImageItems {
  std::size_t begin = 0;
  std::size_t end = 0;
};
ImageItems items_of(const llama::LlamaLayout& layout, std::uint32_t image);

// The keys and values of one picture's tokens, and where they were computed.
struct Block {
  std::vector<std::uint8_t> bytes;
  llama_pos begin = 0;
  llama_pos end = 0;
};

// A block in the place of an image of a prompt, of which the first `computed` tokens are computed anew.
struct MovedImage {
  const Block& block;
  std::uint32_t image;
  std::uint32_t computed;
};

// The shares of a picture's first tokens that are computed anew, and how many tokens of `tokens` that is.
inline constexpr std::array moved_shares = {0.0, 0.02, 0.05, 0.10, 0.20};
std::uint32_t tokens_of_share(double share, std::uint32_t tokens);

using Probabilities = std::vector<double>;

// The tokens of a greedy answer, the one that ends it included, and the probabilities that each was chosen
// from.
struct Decoded {
  std::vector<llama_token> tokens;
  std::vector<Probabilities> probabilities;
};

class MovedDecoder {
 public:
  static constexpr std::size_t lanes_max = 4;  // requests in a batch

  explicit MovedDecoder(const llama::LlamaOptions& options);

  const llama::LoadedModel& loaded() const { return loaded_; }

  // The greedy answer to `prompt`, alone, of at most `tokens_max` tokens.
  Decoded answer(const LaidOut& prompt, std::size_t tokens_max);
  // The state of `image`, computed behind what stands before it in `prompt`.
  Block block_of(const LaidOut& prompt, std::uint32_t image);
  // The probabilities along `forced` with a picture moved. What stands before the picture is decoded once for
  // calls in a row with the same prompt.
  std::vector<Probabilities> along(const LaidOut& prompt, const MovedImage& moved, std::span<const llama_token> forced);
  // The greedy answer of the same prompt behind the first `agreed` tokens of what was forced last.
  std::vector<llama_token> answer_behind(const LaidOut& prompt, std::span<const llama_token> agreed, llama_token next,
                                         std::size_t tokens_max);
  // The probabilities along each of the answers, where all prompts are decoded side by side.
  // REQUIRES: at most lanes_max prompts, one answer each.
  std::vector<std::vector<Probabilities>> side_by_side(std::span<const LaidOut* const> prompts,
                                                       std::span<const Decoded* const> answers);

  // Parts of the above, for measuring times. They leave the prompt's last logits in the context.
  void clear();
  void prefill(const LaidOut& prompt, std::size_t begin, std::size_t end);
  void place(const LaidOut& prompt, const MovedImage& moved);

  std::string text_of(std::span<const llama_token> tokens) const;

 private:
  struct Lane;

  llama_context& context() const { return *loaded_.context; }
  llama_memory_t memory() const { return llama_get_memory(&context()); }
  llama_seq_id spare() const { return static_cast<llama_seq_id>(loaded_.parallel); }
  void decode_batch();
  void decode_tile(const LaidOut& prompt, std::size_t item, llama_seq_id sequence);
  void decode_part_of_tile(const LaidOut& prompt, std::size_t item, std::uint32_t tokens);
  void decode_one(llama_token token, llama_pos position);
  void prefill_before(const LaidOut& prompt, std::size_t item);
  void text_step(std::span<Lane> lanes);
  void tile_step(std::span<Lane> lanes);
  Probabilities probabilities(std::int32_t row) const;

  llama::LoadedModel loaded_;
  llama::TextBatch batch_;
  const LaidOut* holds_ = nullptr;  // the prompt whose beginning the context has, as `along` left it
};

// The natural-logarithm Kullback-Leibler divergence of `exact` from `other`.
double divergence(const Probabilities& exact, const Probabilities& other);
llama_token most_likely(const Probabilities& probabilities);

}  // namespace fovea::bench
