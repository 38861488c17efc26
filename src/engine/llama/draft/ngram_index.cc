#include "engine/llama/draft/ngram_index.h"

#include <algorithm>

namespace fovea::llama {

namespace {

// Nullopt for a run with a separator.
std::optional<std::uint64_t> hash_of(std::span<const std::int32_t> run) {
  std::uint64_t hash = run.size();
  for (const std::int32_t token : run) {
    if (token < 0) return std::nullopt;
    hash = (hash ^ static_cast<std::uint32_t>(token)) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace

std::uint32_t NgramIndex::add_text() {
  texts_.emplace_back();
  return static_cast<std::uint32_t>(texts_.size() - 1);
}

// The runs that end before the token lead to it, so a place that is found is never the end of its text.
void NgramIndex::append(std::uint32_t text, std::int32_t token) {
  std::vector<std::int32_t>& tokens = texts_[text];
  const std::span all(tokens);
  for (std::size_t run = run_min_; run <= std::min(run_max, all.size()); ++run) {
    const auto hash = hash_of(all.last(run));
    if (!hash) break;
    places_[*hash] = {text, static_cast<std::uint32_t>(all.size()), static_cast<std::uint32_t>(run)};
  }
  tokens.push_back(token);
}

std::optional<TextPlace> NgramIndex::find(std::span<const std::int32_t> tail) const {
  for (std::size_t run = std::min(run_max, tail.size()); run >= run_min_ && run > 0; --run) {
    const auto hash = hash_of(tail.last(run));
    if (!hash) continue;
    if (const auto found = places_.find(*hash); found != places_.end()) return found->second;
  }
  return std::nullopt;
}

}  // namespace fovea::llama
