// A trace says what was looked up and how large it was. Work grows with size at every level (tiles, tokens of
// a state, tokens of a text), so a size over the profile's own size is how much work there was.
#include "profile/trace_costs.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace fovea {

namespace {

// As samples/profiles has them: answers vary about their median, and a response has some framing.
constexpr double answer_spread = 0.8;
constexpr double answer_token_bytes = 4;
constexpr double response_frame_bytes = 200;

// What one token of a prompt takes where it is read with others.
double prompt_token_ms(const ModelTimes& model) { return model.prefill.back().ms / model.prefill.back().tokens; }

double tiles_of(const ModelTimes& model, std::uint64_t bytes) {
  return static_cast<double>(bytes) / static_cast<double>(model.tile_bytes);
}

double generate_ms(const ModelTimes& model, std::uint64_t bytes) {
  const double tokens = (static_cast<double>(bytes) - response_frame_bytes) / answer_token_bytes;
  return std::max(std::round(tokens), 1.0) * model.decode_ms();
}

double prefix_ms(const ModelTimes& model, std::uint64_t bytes) {
  if (!model.state) return 0;
  const double tokens = static_cast<double>(bytes) * model.state->tokens / static_cast<double>(model.state->bytes);
  return tokens * prompt_token_ms(model);
}

// What the request's pictures take: all of its embeddings, computed and read.
double pictures_ms(const ModelTimes& model, std::span<const Lookup> request) {
  double ms = 0;
  for (const Lookup& lookup : request) {
    if (lookup.level == TraceLevel::embedding)
      ms += tiles_of(model, lookup.size) * (model.encode_ms + model.image_prefill_ms);
  }
  return ms;
}

}  // namespace

ModelProfile model_profile_of(const ModelTimes& model) {
  return {.name = model.name,
          .note = "measured by fovea profile",
          .tile_bytes = model.tile_bytes,
          .tiles = {{.tiles = std::min(model.tiles, 1U << 12), .share = 1}},
          .encode_ms_per_tile = model.encode_ms,
          .prefill_ms_per_tile = model.image_prefill_ms,
          .ms_per_answer_token = model.decode_ms(),
          .answer_tokens_median = std::clamp(std::round(model.load.answer_tokens), 1.0, 1.0 * (1 << 20)),
          .answer_tokens_spread = answer_spread,
          .bytes_per_answer_token = answer_token_bytes};
}

void set_costs(Trace& trace, const ModelTimes& model) {
  std::vector<Lookup>& lookups = trace.lookups;
  for (std::size_t begin = 0, end = 0; begin < lookups.size(); begin = end) {
    while (end < lookups.size() && lookups[end].request == lookups[begin].request) ++end;
    const auto request = std::span(lookups).subspan(begin, end - begin);
    const double pictures = pictures_ms(model, request);
    for (Lookup& lookup : request) {
      if (lookup.level == TraceLevel::embedding) lookup.cost_ms = tiles_of(model, lookup.size) * model.encode_ms;
      if (lookup.level == TraceLevel::prefix) lookup.cost_ms = prefix_ms(model, lookup.size);
      if (lookup.level == TraceLevel::response) lookup.cost_ms = pictures + generate_ms(model, lookup.size);
    }
  }
}

}  // namespace fovea
