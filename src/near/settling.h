// Settling: whether an encoded tile's embedding is a usual one of its source, so that it may stand for
// others.
//
// Each frame's noise moves its embedding away from that of the scene. One that lies unusually far is as far
// from all that it would stand for. How far an exact embedding lies from the one before it is measured; while
// that is more than usual, the next frame is encoded too. Bounded; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

class Settling {
 public:
  static constexpr std::size_t sample_max = 2048;   // values of an embedding that are compared
  static constexpr std::size_t distances_min = 4;   // before which nothing is unusual
  static constexpr std::size_t distances_kept = 8;  // of which up to usual_share are usual
  static constexpr double usual_share = 0.4;
  static constexpr std::uint32_t tries_max = 3;  // frames more that are encoded in search of a usual one

  // A tile was encoded. `changed`: it shows something else than the one before, so that their distance says
  // nothing of what is usual.
  void add(std::span<const float> embedding, bool changed);

  // Whether the embedding added last may stand for others.
  bool settled() const { return settled_; }

 private:
  std::vector<float> last_;
  std::vector<float> distances_;  // the oldest first
  std::uint32_t tries_ = 0;
  bool settled_ = true;
};

}  // namespace fovea
