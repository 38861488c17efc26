// What requests take by a profile: one that computes everything, one that finds a level's entry, and the mean
// over a load. `fovea bench` measures the same; bench/profile compares the two.
//
// Pure functions; thread-safe. Milliseconds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "profile/profile.h"
#include "workload/script.h"

namespace fovea {

// What a request about one picture finds stored.
enum class Found : std::uint8_t {
  uncached,   // nothing, and nothing is looked for
  nothing,    // nothing; what is computed is stored
  embedding,  // the picture's embeddings
  prefix,     // the decoder's state behind the picture
  response,   // the answer
};

double request_ms(const ModelTimes& model, Found found);

// Which levels are on.
struct LevelsOn {
  bool embedding = false, prefix = false, response = false;
};

// Of the requests of a load, the shares that repeat one, that ask about a picture already seen, and the rest.
struct LoadShares {
  double repeat = 0, known = 0, fresh = 0;
};
// Without controls. REQUIRES: the script has other requests.
LoadShares shares_of(const Script& script);

// The mean over the load where nothing is evicted.
double mean_request_ms(const ModelTimes& model, const LevelsOn& on, const LoadShares& shares);

// The levels as `fovea bench` names them: none, response, embedding, both, all.
struct Prediction {
  std::string levels;
  double mean_ms = 0;
  double factor = 1;  // how much faster than none
};
std::vector<Prediction> predictions(const ModelTimes& model, const LoadShares& shares);

}  // namespace fovea
