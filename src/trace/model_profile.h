// ModelProfile: what a vision-language model's work weighs and costs, as data, so that traces without sizes and costs can be
// replayed as if that model had answered them.
//
// A profile is a small JSON file (samples/profiles). What a picture or an answer comes to is drawn from the profile by a hash of the
// picture or question and a seed: the same picture always gets the same number of tiles, in any order of requests. Plain
// values; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/result.h"

namespace fovea {

// So many tiles, for this share of all pictures.
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
  double answer_tokens_spread = 0;  // standard deviation of the logarithm: lengths of answers are about log-normal
  double bytes_per_answer_token = 4;
};

// What a picture comes to, all tiles together.
struct PictureTerms {
  std::uint32_t tiles;
  std::uint64_t bytes;  // of its embedding
  double encode_ms;
  double prefill_ms;
};

// What an answer comes to, without the pictures.
struct AnswerTerms {
  std::uint32_t tokens;
  std::uint64_t bytes;  // of the stored response: its text and what a response holds besides
  double generate_ms;
};

// The profile that a JSON document describes. `name` is what errors call the document.
// Faults: invalid (not such a document, or a number out of its range).
Result<ModelProfile> parse_model_profile(std::string_view json, const std::string& name);

// The profile in the file `path`. Faults: as above, not_found, unavailable (cannot be read), too_large.
Result<ModelProfile> read_model_profile(const std::string& path);

// `picture` and `question` are any 64 bits that tell them apart; nearby numbers may be used.
PictureTerms picture_terms(const ModelProfile& profile, std::uint64_t picture, std::uint64_t seed);
AnswerTerms answer_terms(const ModelProfile& profile, std::uint64_t question, std::uint64_t seed);

}  // namespace fovea
