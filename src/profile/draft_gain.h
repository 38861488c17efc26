// What drafted tokens gain: a step of several tokens costs more than a step of one, and of its tokens only
// those up to the first wrong one count.
//
// Leviathan, Kalman and Matias, "Fast inference from transformers via speculative decoding" (ICML 2023),
// equation 1, with the cost of a larger step in place of a draft model's. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "profile/profile.h"

namespace fovea {

// What a step of so many tokens takes, by measured ones: between two, on the line between them; beyond, on
// the line through the last two. REQUIRES: batches is not empty and ascends.
double step_ms(std::span<const BatchTime> batches, std::uint32_t tokens);

// How many times as fast an answer is decoded with `drafted` tokens in each step, each of which is right with
// the chance `accepted`, independently. REQUIRES: 0 <= accepted <= 1.
double draft_gain(std::span<const BatchTime> batches, std::uint32_t drafted, double accepted);

// The least chance at which drafting so many tokens is no loss; nullopt where even right ones are one.
std::optional<double> break_even(std::span<const BatchTime> batches, std::uint32_t drafted);

}  // namespace fovea
