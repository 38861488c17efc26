// ModelledTimes: what a model's parts take on some machine, as plain numbers, and what they weigh.
//
// ModelledEngine waits as long as these say, and a simulated node counts with them, so both have the same
// times. They come from a profile (profile/modelled_times.h). Milliseconds. Plain values; pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fovea {

// Work on so many tokens at once: a prompt of so many, or one token each of so many answers.
struct WorkTime {
  std::uint32_t tokens = 0;
  double ms = 0;
};

struct ModelledTimes {
  std::string model;    // its name
  std::string machine;  // that these are the times of
  // Of the profile: machines where they are equal compute the same values, so they find each other's entries.
  std::string vision_fingerprint, text_fingerprint;

  // A picture is `tiles` tiles, whatever its size.
  std::uint32_t tiles = 1;
  std::uint32_t tile_tokens = 64;
  std::uint32_t width = 256;        // float32 numbers in a token of a tile
  double preprocess_ms = 0;         // a picture
  double hash_ms = 0;               // a tile
  double encode_ms = 0;             // a tile
  double image_prefill_ms = 0;      // a tile's embedding into the decoder, and what little text is before it
  std::vector<WorkTime> prefill;    // prompts of text, each whole; not empty, ascending
  std::vector<WorkTime> decode;     // one token each of so many answers; likewise, the first of one answer
  double state_bytes_of_token = 0;  // of the decoder's state; 0 = it cannot be copied
  double state_out_ms_of_token = 0;
  double state_in_ms_of_token = 0;
  std::uint32_t answer_tokens = 1;  // of an answer whose request allows as many
  std::uint32_t context_tokens = 8192;

  std::uint64_t tile_bytes() const { return std::uint64_t{tile_tokens} * width * sizeof(float); }
  bool has_states() const { return state_bytes_of_token > 0; }
};

// Prefilling a run of text with nothing beside it.
double text_prefill_ms(const ModelledTimes& times, std::uint32_t tokens);

// One more token of each of `answers` answers that are decoded side by side.
// REQUIRES: answers is not 0.
double decode_step_ms(const ModelledTimes& times, std::uint32_t answers);

// The decoder's state behind so many tokens, and copying it out of the decoder and into it.
std::uint64_t state_bytes(const ModelledTimes& times, std::uint32_t tokens);
double state_out_ms(const ModelledTimes& times, std::uint32_t tokens);
double state_in_ms(const ModelledTimes& times, std::uint32_t tokens);

}  // namespace fovea
