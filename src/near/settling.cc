#include "near/settling.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fovea {

namespace {

// Values spread evenly over the embedding.
std::vector<float> sample_of(std::span<const float> embedding) {
  const std::size_t count = std::min(embedding.size(), Settling::sample_max);
  std::vector<float> sample(count);
  for (std::size_t i = 0; i < count; ++i) sample[i] = embedding[i * embedding.size() / count];
  return sample;
}

// Relative L2.
float distance(std::span<const float> from, std::span<const float> to) {
  float squares = 0, norm = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    squares += (to[i] - from[i]) * (to[i] - from[i]);
    norm += from[i] * from[i];
  }
  return norm > 0 ? std::sqrt(squares / norm) : 0;
}

}  // namespace

void Settling::add(std::span<const float> embedding, bool changed) {
  std::vector<float> sample = sample_of(embedding);
  const bool comparable = !sample.empty() && sample.size() == last_.size();
  const float moved = comparable ? distance(last_, sample) : 0;
  last_ = std::move(sample);
  settled_ = true;
  if (!comparable) return;
  if (distances_.size() >= distances_min) {
    std::vector<float> sorted = distances_;
    const auto rank = static_cast<double>(sorted.size()) * usual_share;
    const auto usual = sorted.begin() + static_cast<std::ptrdiff_t>(rank);
    std::ranges::nth_element(sorted, usual);
    settled_ = moved <= *usual || tries_ == tries_max;
    tries_ = settled_ ? 0 : tries_ + 1;
  }
  if (changed) return;
  if (distances_.size() == distances_kept) distances_.erase(distances_.begin());
  distances_.push_back(moved);
}

}  // namespace fovea
