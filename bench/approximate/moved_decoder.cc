// Moving a block: its cells come in as a saved state, into the spare sequence, since cells that several
// sequences share must never be shifted. There their positions are shifted, which rotates the keys at the
// next decode. Then the request's sequence takes those that were not computed anew. The text before the
// picture and the first tokens of the picture are decoded before that, all text behind it afterwards.
//
// Side by side: a step decodes one batch with the text of all lanes up to their next tiles and one token of
// each answer, and then one tile of one lane, in turns. The product's decoder does the same.
#include "moved_decoder.h"

#include <mtmd-helper.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <print>

#include "engine/llama/decode/token_text.h"
#include "or_exit.h"

namespace fovea::bench {

namespace {

constexpr llama_seq_id alone = 0;
constexpr std::uint32_t chunk_tokens_max = 512, chunk_tokens_beside_decodes = 128;  // as in decoder.cc

void require(bool holds, const char* what) {
  if (holds) return;
  std::println(stderr, "moved: {}", what);
  std::exit(1);
}

}  // namespace

// What a request of a batch has got to.
struct MovedDecoder::Lane {
  const LaidOut& prompt;
  const Decoded& answer;
  llama_seq_id sequence;
  std::size_t item = 0;
  llama_pos position = 0;
  std::uint32_t batch_count = 0;
  std::int32_t batch_row = -1;
  std::vector<Probabilities> found;

  const PromptItem* next() const {
    return item < prompt.layout->items().size() ? &prompt.layout->items()[item] : nullptr;
  }
  bool done() const { return found.size() == answer.tokens.size(); }
};

ImageItems items_of(const llama::LlamaLayout& layout, std::uint32_t image) {
  const auto items = layout.items();
  const auto of_image = [&](const PromptItem& item) { return item.tile && item.tile->image == image; };
  const auto first = std::ranges::find_if(items, of_image);
  require(first != items.end(), "the prompt does not have the picture");
  std::size_t end = 0;
  for (std::size_t i = 0; i < items.size(); ++i)
    if (of_image(items[i])) end = i + 1;
  return {static_cast<std::size_t>(first - items.begin()), end};
}

std::uint32_t tokens_of_share(double share, std::uint32_t tokens) {
  return share == 0 ? 0 : std::max(1U, static_cast<std::uint32_t>(std::lround(share * tokens)));
}

MovedDecoder::MovedDecoder(const llama::LlamaOptions& options) : loaded_(or_exit(llama::LoadedModel::load(options))) {
  require(loaded_.goes_back && llama_memory_can_shift(memory()), "this model's state cannot be moved");
}

void MovedDecoder::clear() {
  llama_memory_clear(memory(), false);
  holds_ = nullptr;
}

void MovedDecoder::decode_batch() {
  require(llama_decode(&context(), batch_.view()) == 0, "a batch cannot be decoded");
  llama_synchronize(&context());
}

void MovedDecoder::decode_tile(const LaidOut& prompt, std::size_t item, llama_seq_id sequence) {
  const TileRef& tile = *prompt.layout->items()[item].tile;
  const mtmd_input_chunk& chunk = prompt.layout->tile(item);
  auto* embedding = const_cast<float*>(prompt.embeddings[tile.image][tile.number].as<float>().data());
  llama_pos behind = 0;
  const int failed = mtmd_helper_decode_image_chunk(
      loaded_.vision.get(), &context(), &chunk, embedding, prompt.layout->position(item), sequence,
      static_cast<std::int32_t>(llama_n_batch(&context())), &behind, nullptr, nullptr);
  require(failed == 0 && behind == prompt.layout->position(item + 1), "a tile cannot be decoded");
}

void MovedDecoder::decode_part_of_tile(const LaidOut& prompt, std::size_t item, std::uint32_t tokens) {
  const TileRef& tile = *prompt.layout->items()[item].tile;
  require(!mtmd_decode_use_non_causal(loaded_.vision.get(), &prompt.layout->tile(item)),
          "this model sees all of a tile at once");
  llama_batch batch =
      llama_batch_init(static_cast<std::int32_t>(tokens), llama_model_n_embd_inp(loaded_.model.get()), 1);
  const auto embedding = prompt.embeddings[tile.image][tile.number].as<float>();
  const std::size_t width = embedding.size() / (prompt.layout->tokens(item + 1) - prompt.layout->tokens(item));
  std::ranges::copy(embedding.first(width * tokens), batch.embd);
  for (std::uint32_t i = 0; i < tokens; ++i) {
    batch.pos[i] = prompt.layout->position(item) + static_cast<llama_pos>(i);
    batch.n_seq_id[i] = 1;
    batch.seq_id[i][0] = alone;
    batch.logits[i] = 0;
  }
  batch.n_tokens = static_cast<std::int32_t>(tokens);
  const bool decoded = llama_decode(&context(), batch) == 0;
  llama_batch_free(batch);
  require(decoded, "a part of a tile cannot be decoded");
}

void MovedDecoder::prefill(const LaidOut& prompt, std::size_t begin, std::size_t end) {
  const auto items = prompt.layout->items();
  for (std::size_t item = begin; item < end;) {
    if (items[item].tile) {
      decode_tile(prompt, item++, alone);
      continue;
    }
    batch_.clear();
    for (; item < end && !items[item].tile; ++item)
      batch_.add(items[item].token, prompt.layout->position(item), alone, item + 1 == items.size());
    decode_batch();
  }
}

Block MovedDecoder::block_of(const LaidOut& prompt, std::uint32_t image) {
  const ImageItems items = items_of(*prompt.layout, image);
  clear();
  prefill(prompt, 0, items.end);
  Block block{.bytes = {}, .begin = prompt.layout->position(items.begin), .end = prompt.layout->position(items.end)};
  llama_memory_seq_cp(memory(), alone, spare(), block.begin, block.end);
  block.bytes.resize(llama_state_seq_get_size(&context(), spare()));
  require(llama_state_seq_get_data(&context(), block.bytes.data(), block.bytes.size(), spare()) == block.bytes.size(),
          "the state of a picture cannot be saved");
  return block;
}

// REQUIRES: the sequence holds all items before the image, and nothing else.
void MovedDecoder::place(const LaidOut& prompt, const MovedImage& moved) {
  const llama::LlamaLayout& layout = *prompt.layout;
  const ImageItems items = items_of(layout, moved.image);
  const llama_pos begin = layout.position(items.begin), end = layout.position(items.end);
  require(end - begin == moved.block.end - moved.block.begin, "the block is of another picture");
  std::size_t item = items.begin;
  while (item < items.end && layout.tokens(item + 1) - layout.tokens(items.begin) <= moved.computed) ++item;
  prefill(prompt, items.begin, item);
  const std::uint32_t left = moved.computed - (layout.tokens(item) - layout.tokens(items.begin));
  if (left > 0 && item < items.end) decode_part_of_tile(prompt, item, left);
  const llama_pos computed_to = begin + static_cast<llama_pos>(moved.computed);
  if (computed_to >= end) return;
  const std::vector<std::uint8_t>& bytes = moved.block.bytes;
  require(llama_state_seq_set_data(&context(), bytes.data(), bytes.size(), spare()) == bytes.size() &&
              llama_memory_seq_pos_min(memory(), spare()) == moved.block.begin &&
              llama_memory_seq_pos_max(memory(), spare()) == moved.block.end - 1,
          "the state of a picture cannot be restored");
  llama_memory_seq_add(memory(), spare(), -1, -1, begin - moved.block.begin);
  llama_memory_seq_cp(memory(), spare(), alone, computed_to, end);
  llama_memory_seq_rm(memory(), spare(), -1, -1);
}

void MovedDecoder::decode_one(llama_token token, llama_pos position) {
  batch_.clear();
  batch_.add(token, position, alone, true);
  decode_batch();
}

Decoded MovedDecoder::answer(const LaidOut& prompt, std::size_t tokens_max) {
  clear();
  prefill(prompt, 0, prompt.layout->items().size());
  Decoded decoded;
  llama_pos position = prompt.layout->position(prompt.layout->items().size());
  while (true) {
    decoded.probabilities.push_back(probabilities(-1));
    decoded.tokens.push_back(most_likely(decoded.probabilities.back()));
    if (llama_vocab_is_eog(loaded_.vocab(), decoded.tokens.back()) || decoded.tokens.size() == tokens_max)
      return decoded;
    decode_one(decoded.tokens.back(), position++);
  }
}

std::vector<Probabilities> MovedDecoder::along(const LaidOut& prompt, const MovedImage& moved,
                                               std::span<const llama_token> forced) {
  const ImageItems items = items_of(*prompt.layout, moved.image);
  prefill_before(prompt, items.begin);
  place(prompt, moved);
  prefill(prompt, items.end, prompt.layout->items().size());
  std::vector<Probabilities> found;
  llama_pos position = prompt.layout->position(prompt.layout->items().size());
  for (const llama_token token : forced) {
    found.push_back(probabilities(-1));
    if (found.size() < forced.size()) decode_one(token, position++);
  }
  return found;
}

// What stands before the picture is the same for each share, and is kept.
void MovedDecoder::prefill_before(const LaidOut& prompt, std::size_t item) {
  const llama_pos begin = prompt.layout->position(item);
  if (holds_ == &prompt && begin > 0) {
    require(llama_memory_seq_rm(memory(), alone, begin, -1), "a sequence cannot be truncated");
    return;
  }
  clear();
  prefill(prompt, 0, item);
  holds_ = &prompt;
}

std::vector<llama_token> MovedDecoder::answer_behind(const LaidOut& prompt, std::span<const llama_token> agreed,
                                                     llama_token next, std::size_t tokens_max) {
  std::vector<llama_token> tokens(agreed.begin(), agreed.end());
  llama_pos position = prompt.layout->position(prompt.layout->items().size()) + static_cast<llama_pos>(agreed.size());
  llama_memory_seq_rm(memory(), alone, position, -1);
  while (true) {
    tokens.push_back(next);
    if (llama_vocab_is_eog(loaded_.vocab(), next) || tokens.size() == tokens_max) return tokens;
    decode_one(next, position++);
    next = most_likely(probabilities(-1));
  }
}

std::vector<std::vector<Probabilities>> MovedDecoder::side_by_side(std::span<const LaidOut* const> prompts,
                                                                   std::span<const Decoded* const> answers) {
  clear();
  std::vector<Lane> lanes;
  for (std::size_t i = 0; i < prompts.size(); ++i)
    lanes.push_back({.prompt = *prompts[i], .answer = *answers[i], .sequence = static_cast<llama_seq_id>(i)});
  while (!std::ranges::all_of(lanes, &Lane::done)) {
    text_step(lanes);
    tile_step(lanes);
  }
  std::vector<std::vector<Probabilities>> found;
  for (Lane& lane : lanes) found.push_back(std::move(lane.found));
  return found;
}

void MovedDecoder::text_step(std::span<Lane> lanes) {
  batch_.clear();
  std::uint32_t prefilling = 0;
  for (Lane& lane : lanes) {
    lane.batch_count = 0;
    lane.batch_row = -1;
    if (lane.next()) ++prefilling;
    if (lane.next() || lane.done()) continue;
    lane.batch_row = batch_.add(lane.answer.tokens[lane.found.size() - 1], lane.position, lane.sequence, true);
    lane.batch_count = 1;
  }
  std::uint32_t room = batch_.size() == 0 ? chunk_tokens_max : chunk_tokens_beside_decodes;
  for (Lane& lane : lanes) {
    if (!lane.next()) continue;
    const std::uint32_t share = room / prefilling--;
    while (lane.next() && !lane.next()->tile && lane.batch_count < share) {
      const bool last = lane.item + 1 == lane.prompt.layout->items().size();
      const std::int32_t row =
          batch_.add(lane.next()->token, lane.prompt.layout->position(lane.item), lane.sequence, last);
      if (last) lane.batch_row = row;
      ++lane.batch_count;
      ++lane.item;
    }
    room -= lane.batch_count;
  }
  if (batch_.size() == 0) return;
  decode_batch();
  for (Lane& lane : lanes) {
    if (lane.batch_count == 0) continue;
    lane.position += static_cast<llama_pos>(lane.batch_count);
    if (lane.batch_row >= 0) lane.found.push_back(probabilities(lane.batch_row));
  }
}

void MovedDecoder::tile_step(std::span<Lane> lanes) {
  const auto found = std::ranges::find_if(lanes, [](const Lane& lane) { return lane.next() && lane.next()->tile; });
  if (found == lanes.end()) return;
  decode_tile(found->prompt, found->item++, found->sequence);
  found->position = found->prompt.layout->position(found->item);
}

Probabilities MovedDecoder::probabilities(std::int32_t row) const {
  const float* logits = llama_get_logits_ith(&context(), row);
  require(logits != nullptr, "a token has no logits");
  Probabilities all(logits, logits + llama_vocab_n_tokens(loaded_.vocab()));
  const double highest = std::ranges::max(all);
  double sum = 0;
  for (double& each : all) sum += each = std::exp(each - highest);
  for (double& each : all) each /= sum;
  return all;
}

std::string MovedDecoder::text_of(std::span<const llama_token> tokens) const {
  std::string text;
  for (const llama_token token : tokens)
    if (!llama_vocab_is_eog(loaded_.vocab(), token)) text += llama::token_text(loaded_.vocab(), token, false);
  return text;
}

double divergence(const Probabilities& exact, const Probabilities& other) {
  double sum = 0;
  for (std::size_t i = 0; i < exact.size(); ++i)
    if (exact[i] > 0) sum += exact[i] * std::log(exact[i] / std::max(other[i], 1e-300));
  return std::max(sum, 0.0);  // rounding may leave less than nothing
}

llama_token most_likely(const Probabilities& probabilities) {
  return static_cast<llama_token>(std::ranges::max_element(probabilities) - probabilities.begin());
}

}  // namespace fovea::bench
