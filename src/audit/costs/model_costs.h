// ModelCosts: what the parts of any request take by a profile, and what their entries weigh.
//
// A profile has means over requests about pictures of one size. Here they are taken apart, so that a request
// like the profile's takes what request_cost.h says, and others take more or less by their tokens, tiles and
// pixels. Pure functions; thread-safe. Milliseconds, tokens and bytes.
#pragma once

#include <cstdint>

#include "profile/profile.h"

namespace fovea {

// One picture.
struct PictureWork {
  std::uint32_t tiles = 1;
  float tokens = 0;   // in the prompt
  float open_ms = 0;  // its file's bytes to pixels, and their key
  float preprocess_ms = 0;
  float hash_ms = 0;         // which only caching needs
  float encode_ms = 0;       // all tiles
  float encode_once_ms = 0;  // tiles that are equal, once
};

class ModelCosts {
 public:
  // REQUIRES: a model of a profile as parse_profile gives it.
  explicit ModelCosts(const ModelTimes& model);

  // A picture of this size in pixels; of the profile's size where it is 0.
  PictureWork picture(std::uint32_t width, std::uint32_t height) const;
  // The whole prompt, with embeddings that are there.
  double prefill_ms(double text_tokens, double picture_tokens) const;
  // Likewise, behind a state that was put back and ends with a picture.
  double prefill_behind_ms(double text_tokens, double picture_tokens) const;
  double generate_ms(double answer_tokens) const;

  double around_ms() const { return model_.load.around_ms; }              // with a picture that is new
  double known_around_ms() const { return model_.load.known_around_ms; }  // with known ones, or none
  double hit_ms() const { return model_.load.hit_ms; }

  bool has_states() const { return model_.state.has_value(); }
  double state_bytes(double tokens) const;
  double state_in_ms(double tokens) const;
  double state_out_ms(double tokens) const;

  // Of the values alone, without an entry's overhead.
  double embedding_bytes(const PictureWork& picture) const;
  double response_bytes(double answer_tokens) const;

  double usual_answer_tokens() const { return model_.load.answer_tokens; }

 private:
  double text_ms(double tokens) const;

  ModelTimes model_;
  double whole_share_ = 1;   // of what the parts of the profile's own prompt take, so much does the prompt take
  double behind_share_ = 1;  // likewise, of its question behind the picture
};

}  // namespace fovea
