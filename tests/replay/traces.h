// Small traces for tests of replay: written by hand, or drawn from a seed.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "trace/mixed_bits.h"
#include "trace/trace.h"

namespace fovea {

// The next number of the sequence with this state, below `below`.
inline std::uint32_t draw(std::uint64_t& state, std::uint32_t below) {
  state = mixed_bits(state);
  return static_cast<std::uint32_t>((state >> 11) % below);
}

// Adds look-ups in the order of a script. Entries are charged Level::entry_overhead_bytes besides their size.
class TraceScript {
 public:
  explicit TraceScript(std::uint32_t keys) { trace_.keys = keys; }

  TraceScript& request() {
    ++request_;
    return *this;
  }
  TraceScript& embedding(std::uint32_t key, std::uint64_t size, double cost_ms) {
    trace_.lookups.push_back({.key = key, .request = request_, .cost_ms = cost_ms, .size = size});
    return *this;
  }
  TraceScript& response(std::uint32_t key, std::uint64_t size, double cost_ms, std::uint32_t related = no_related,
                        float importance = 0.5F) {
    trace_.lookups.push_back({.key = key,
                              .request = request_,
                              .related = related,
                              .importance = importance,
                              .cost_ms = cost_ms,
                              .size = size,
                              .level = TraceLevel::response});
    return *this;
  }
  const Trace& trace() const { return trace_; }

 private:
  Trace trace_;
  std::uint32_t request_ = 0;
};

// Questions about pictures: `pictures` of them, popular by the square of a uniform draw, `questions` each;
// the response's key is behind the pictures'. Sizes and costs differ from picture to picture.
inline Trace questions_about_pictures(std::uint64_t seed, std::uint32_t requests, std::uint32_t pictures,
                                      std::uint32_t questions) {
  TraceScript script(pictures * (1 + questions));
  std::uint64_t state = seed;
  for (std::uint32_t i = 0; i < requests; ++i) {
    const double uniform = unit_fraction(state = mixed_bits(state));
    const auto picture = static_cast<std::uint32_t>(uniform * uniform * pictures);
    const std::uint32_t question = draw(state, questions);
    const std::uint64_t tiles = 1 + mixed_bits(picture) % 13;
    const double encode_ms = 100.0 * static_cast<double>(tiles);
    const auto importance = static_cast<float>(unit_fraction(mixed_bits(picture ^ seed)));
    script.request()
        .response(pictures + picture * questions + question, 200 + 50 * question, encode_ms + 20 + question, picture,
                  importance)
        .embedding(picture, 1000 * tiles, encode_ms);
  }
  return script.trace();
}

}  // namespace fovea
