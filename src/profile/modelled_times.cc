// The profile has means over its load; a modelled server wants the parts of any request. What a hand-made
// profile says is bounded where a number of an engine has no room for it.
#include "profile/modelled_times.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

namespace fovea {

namespace {

constexpr std::uint32_t context_default = 8192;  // of older profiles, which do not say
constexpr std::uint32_t context_max = 1 << 24;
// Nothing can interrupt it.
constexpr double preprocess_ms_max = 10'000;

std::vector<WorkTime> work_times(std::span<const BatchTime> batches) {
  std::vector<WorkTime> times;
  for (const BatchTime& batch : batches) times.push_back({batch.tokens, batch.ms});
  return times;
}

// Files written by hand may have any numbers.
std::uint32_t rounded(double number) {
  constexpr double most = std::numeric_limits<std::uint32_t>::max();
  return number >= 1 ? static_cast<std::uint32_t>(std::min(std::round(number), most)) : 1;
}

// The load's prompts up to the end of their pictures, which have some text in front of these. Where the load
// does not tell, the embeddings alone.
double tile_prefill_ms(const ModelTimes& model) {
  const double ms = (model.load.prefill_ms - model.load.question_ms) / model.tiles;
  return ms > 0 ? ms : model.image_prefill_ms;
}

}  // namespace

ModelledTimes modelled_times(const Profile& profile, const ModelTimes& model) {
  const double token_bytes = static_cast<double>(model.width) * sizeof(float);
  ModelledTimes times{.model = model.name,
                      .machine = profile.machine,
                      .vision_fingerprint = model.vision_fingerprint,
                      .text_fingerprint = model.text_fingerprint,
                      .tiles = model.tiles,
                      .tile_tokens = rounded(static_cast<double>(model.tile_bytes) / token_bytes),
                      .width = model.width,
                      .preprocess_ms = std::min(model.load.preprocess_ms, preprocess_ms_max),
                      .hash_ms = model.load.hash_ms / model.tiles,
                      .encode_ms = model.encode_ms,
                      .image_prefill_ms = tile_prefill_ms(model),
                      .prefill = work_times(model.prefill),
                      .decode = work_times(model.batches),
                      .answer_tokens = rounded(model.load.answer_tokens),
                      .context_tokens = std::min(model.context_tokens.value_or(context_default), context_max)};
  if (!model.state) return times;
  const double tokens = model.state->tokens;
  times.state_bytes_of_token = static_cast<double>(model.state->bytes) / tokens;
  times.state_out_ms_of_token = model.state->out_ms / tokens;
  times.state_in_ms_of_token = model.state->in_ms / tokens;
  return times;
}

}  // namespace fovea
