// ModelProfile: what the work of a vision-language model costs and how large its values are, as data. With
// it, a trace without sizes and costs is replayed as if that model had answered it.
//
// A profile is a small JSON file (samples/profiles). The size and cost of an image or an answer are drawn
// from the profile by a hash of the image or question and a seed. The same image always gets the same number
// of tiles, in any order of requests. Plain values; pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/result.h"

namespace fovea {

// This share of all images has so many tiles.
struct TileShare {
  std::uint32_t tiles = 1;
  double share = 1;
};

struct ModelProfile {
  std::string name;
  std::string note;  // where the numbers come from
  std::uint64_t tile_bytes = 0;
  std::vector<TileShare> tiles;
  double encode_ms_per_tile = 0;
  double prefill_ms_per_tile = 0;
  double ms_per_answer_token = 0;
  double answer_tokens_median = 1;
  double answer_tokens_spread = 0;  // of the logarithm: lengths of answers are about log-normal
  double bytes_per_answer_token = 4;
};

// The size and cost of an image, all tiles together.
struct ImageTerms {
  std::uint32_t tiles;
  std::uint64_t bytes;  // of its embedding
  double encode_ms;
  double prefill_ms;
};

// The size and cost of an answer, without its images.
struct AnswerTerms {
  std::uint32_t tokens;
  std::uint64_t bytes;  // of the stored response: its text and its other fields
  double generate_ms;
};

// The profile that a JSON document describes. Errors call the document `name`.
// Faults: invalid (no profile, or a number out of its range).
Result<ModelProfile> parse_model_profile(std::string_view json, const std::string& name);

// The profile in the file `path`. Faults: as above, not_found, unavailable (cannot be read), too_large.
Result<ModelProfile> read_model_profile(const std::string& path);

// The terms that the profile and `seed` give an image or a question. `image` and `question` are any 64 bits
// that identify it; consecutive numbers will do.
ImageTerms image_terms(const ModelProfile& profile, std::uint64_t image, std::uint64_t seed);
AnswerTerms answer_terms(const ModelProfile& profile, std::uint64_t question, std::uint64_t seed);

}  // namespace fovea
