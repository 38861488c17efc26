// Texts take what the profile's prompts of text take, by interpolation. Pictures in a prompt take what the
// profile's tiles take. The sum of both is not quite what a prompt of both takes, so it is scaled to be so
// for the profile's own prompt; likewise for the text behind a picture whose state is put back.
//
// How many tiles a picture has is the model's own rule, which a profile does not have. A model that cuts the
// profile's picture into several takes larger ones as more tiles of that size and an overview; one that takes
// it as one tile is taken to scale every picture to one. `fovea profile --size` measures another size.
#include "audit/costs/model_costs.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

// Idefics3 and its kind: at most four tiles a side, and an overview.
constexpr double tiles_a_side_max = 4;
constexpr double response_frame_bytes = 200;
constexpr double text_bytes_of_token = 4;
constexpr double least = 1e-9;

double share(double whole, double parts) { return whole > 0 && parts > least ? whole / parts : 1; }

// Between the points around `tokens`; beyond them, as the last two go on.
double interpolated(const std::vector<BatchTime>& times, double one_token_ms, double tokens) {
  double before_tokens = 0, before_ms = 0;
  BatchTime last{1, one_token_ms};
  bool any = false;
  for (const BatchTime& time : times) {
    if (any && tokens <= last.tokens) break;
    if (any) before_tokens = last.tokens, before_ms = last.ms;
    last = time;
    any = true;
  }
  const double run = last.tokens - before_tokens;
  if (run <= 0) return last.ms;
  return std::max(0.0, before_ms + (last.ms - before_ms) * (tokens - before_tokens) / run);
}

}  // namespace

ModelCosts::ModelCosts(const ModelTimes& model) : model_(model) {
  const LoadTimes& load = model_.load;
  const double text = std::max(load.prompt_tokens - load.image_tokens, 0.0);
  whole_share_ = share(load.prefill_ms, text_ms(text) + model_.tiles * model_.image_prefill_ms);
  if (model_.state) behind_share_ = share(load.question_ms, text_ms(load.prompt_tokens - model_.state->tokens));
}

double ModelCosts::text_ms(double tokens) const {
  if (tokens <= 0) return 0;
  return interpolated(model_.prefill, model_.decode_ms(), tokens);
}

PictureWork ModelCosts::picture(std::uint32_t width, std::uint32_t height) const {
  const LoadTimes& load = model_.load;
  const double usual_tiles = std::max(1U, model_.tiles);
  double tiles = usual_tiles, pixels = 1;
  if (width > 0 && height > 0 && load.width > 0 && load.height > 0) {
    pixels = double{1} * width * height / (double{1} * load.width * load.height);
    const double side = std::max(load.width, load.height);
    if (model_.tiles > 1 && std::max(width, height) > side) {
      const auto along = [&](double length) { return std::clamp(std::ceil(length / side), 1.0, tiles_a_side_max); };
      tiles = std::max(usual_tiles, along(width) * along(height) + 1);
    }
  }
  const double scale = tiles / usual_tiles;
  PictureWork work{.tiles = static_cast<std::uint32_t>(tiles)};
  work.tokens = static_cast<float>(load.image_tokens * scale);
  work.open_ms = static_cast<float>(load.open_ms * pixels);
  work.preprocess_ms = static_cast<float>(load.preprocess_ms * scale);
  work.hash_ms = static_cast<float>(load.hash_ms * scale);
  work.encode_ms = static_cast<float>(load.encode_ms * scale);
  // That tiles are equal is known only of pictures whose pixels were seen and are as few as the profile's.
  const bool seen = width > 0 && height > 0;
  work.encode_once_ms = scale > 1 || !seen ? work.encode_ms : static_cast<float>(load.encode_once_ms);
  return work;
}

double ModelCosts::prefill_ms(double text_tokens, double picture_tokens) const {
  const double tile_tokens = model_.load.image_tokens / std::max(1U, model_.tiles);
  const double tiles = tile_tokens > 0 ? picture_tokens / tile_tokens : 0;
  const double ms = text_ms(text_tokens) + tiles * model_.image_prefill_ms;
  return ms * (picture_tokens > 0 ? whole_share_ : 1);
}

double ModelCosts::prefill_behind_ms(double text_tokens, double picture_tokens) const {
  return picture_tokens > 0 ? prefill_ms(text_tokens, picture_tokens) : text_ms(text_tokens) * behind_share_;
}

double ModelCosts::generate_ms(double answer_tokens) const {
  const LoadTimes& load = model_.load;
  // The first token comes with the prompt.
  const double step_ms = load.steps > 0 ? load.generate_ms / load.steps : model_.decode_ms();
  const double first = std::clamp(load.answer_tokens - load.steps, 0.0, 1.0);
  return std::max(0.0, answer_tokens - first) * step_ms;
}

double ModelCosts::state_bytes(double tokens) const {
  return model_.state ? tokens * static_cast<double>(model_.state->bytes) / std::max(1U, model_.state->tokens) : 0;
}
double ModelCosts::state_in_ms(double tokens) const {
  return model_.state ? tokens * model_.state->in_ms / std::max(1U, model_.state->tokens) : 0;
}
double ModelCosts::state_out_ms(double tokens) const {
  return model_.state ? tokens * model_.state->out_ms / std::max(1U, model_.state->tokens) : 0;
}

double ModelCosts::embedding_bytes(const PictureWork& picture) const {
  return double{1} * picture.tiles * static_cast<double>(model_.tile_bytes);
}
double ModelCosts::response_bytes(double answer_tokens) const {
  return response_frame_bytes + answer_tokens * text_bytes_of_token;
}

}  // namespace fovea
