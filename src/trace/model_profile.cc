// Every draw is a hash of the image's or question's number and the seed. So it depends on no other draw and
// on no order of requests. All numbers of a profile are bounded when it is read, so that no product of them
// overflows.
#include "trace/model_profile.h"

#include <algorithm>
#include <cmath>
#include <format>
#include <glaze/glaze.hpp>
#include <numbers>

#include "trace/mixed_bits.h"
#include "trace/trace_source.h"

namespace fovea {

namespace {

// Bounds far above any real model.
constexpr std::size_t profile_bytes_max = 1 << 20;
constexpr std::uint64_t tile_bytes_max = 1ULL << 34;
constexpr std::uint32_t tiles_max = 1 << 12;
constexpr std::size_t shares_max = 64;
constexpr double ms_max = 1e8;
constexpr double tokens_max = 1 << 20;
constexpr double spread_max = 4;
constexpr double token_bytes_max = 1 << 10;

// The bytes of a stored response besides its text: finish reason, counts, framing.
constexpr std::uint64_t response_frame_bytes = 200;

bool within(double value, double low, double high) { return value >= low && value <= high; }

// The first field that is out of its range; empty where none is.
std::string_view field_out_of_range(const ModelProfile& profile) {
  if (profile.tile_bytes < 1 || profile.tile_bytes > tile_bytes_max) return "tile_bytes";
  if (profile.tiles.empty() || profile.tiles.size() > shares_max) return "tiles";
  double shares = 0;
  for (const TileShare& entry : profile.tiles) {
    if (entry.tiles < 1 || entry.tiles > tiles_max || !within(entry.share, 0, 1)) return "tiles";
    shares += entry.share;
  }
  if (!within(shares, 0.999, 1.001)) return "tiles (the shares must add up to 1)";
  if (!within(profile.encode_ms_per_tile, 0, ms_max)) return "encode_ms_per_tile";
  if (!within(profile.prefill_ms_per_tile, 0, ms_max)) return "prefill_ms_per_tile";
  if (!within(profile.ms_per_answer_token, 0, ms_max)) return "ms_per_answer_token";
  if (!within(profile.answer_tokens_median, 1, tokens_max)) return "answer_tokens_median";
  if (!within(profile.answer_tokens_spread, 0, spread_max)) return "answer_tokens_spread";
  if (!within(profile.bytes_per_answer_token, 0, token_bytes_max)) return "bytes_per_answer_token";
  return "";
}

// A standard normal number from two independent draws (Box and Muller, 1958).
double normal_draw(std::uint64_t bits) {
  const double radius = std::sqrt(-2 * std::log(1 - unit_fraction(mixed_bits(bits))));
  return radius * std::cos(2 * std::numbers::pi * unit_fraction(mixed_bits(bits ^ 1)));
}

}  // namespace

Result<ModelProfile> parse_model_profile(std::string_view json, const std::string& name) {
  ModelProfile profile;
  const std::string document(json);  // glaze needs a terminated buffer
  if (const auto error = glz::read_json(profile, document)) {
    return fail(Fault::invalid, std::format("{}: not a model profile: {}\nsamples/profiles shows how one looks.", name,
                                            glz::format_error(error, document)));
  }
  if (const std::string_view field = field_out_of_range(profile); !field.empty()) {
    return fail(Fault::invalid, std::format("{}: {} is missing or out of its range", name, field));
  }
  return profile;
}

Result<ModelProfile> read_model_profile(const std::string& path) {
  auto source = TraceSource::open(path);
  if (!source) return std::unexpected(source.error());
  const auto json = source->rest(profile_bytes_max);
  if (!json) return std::unexpected(json.error());
  return parse_model_profile(*json, path);
}

ImageTerms image_terms(const ModelProfile& profile, std::uint64_t image, std::uint64_t seed) {
  double left = unit_fraction(mixed_bits(image ^ mixed_bits(seed)));
  std::uint32_t tiles = profile.tiles.back().tiles;
  for (const TileShare& entry : profile.tiles) {
    if (left < entry.share) {
      tiles = entry.tiles;
      break;
    }
    left -= entry.share;
  }
  return {.tiles = tiles,
          .bytes = tiles * profile.tile_bytes,
          .encode_ms = tiles * profile.encode_ms_per_tile,
          .prefill_ms = tiles * profile.prefill_ms_per_tile};
}

AnswerTerms answer_terms(const ModelProfile& profile, std::uint64_t question, std::uint64_t seed) {
  constexpr std::uint64_t answers = 0x616e7377657273;  // a stream of draws of their own
  const double normal = normal_draw(mixed_bits(question ^ mixed_bits(seed ^ answers)));
  const double drawn = profile.answer_tokens_median * std::exp(profile.answer_tokens_spread * normal);
  const double tokens = std::round(std::clamp(drawn, 1.0, tokens_max));
  return {.tokens = static_cast<std::uint32_t>(tokens),
          .bytes = response_frame_bytes + static_cast<std::uint64_t>(tokens * profile.bytes_per_answer_token),
          .generate_ms = tokens * profile.ms_per_answer_token};
}

}  // namespace fovea
