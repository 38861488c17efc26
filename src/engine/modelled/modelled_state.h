// The state of a modelled decoder as bytes: a head that says what the decoder was fed, and made-up bytes, in
// all as many as the profile says. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/modelled/modelled_times.h"
#include "fovea/blob.h"
#include "fovea/key.h"

namespace fovea {

// The state behind `items` items, of `tokens` tokens, where `fed` names what the decoder was fed.
Blob made_state(const ModelledTimes& times, std::size_t items, std::uint32_t tokens, const Key& fed);

// Of a state of so many items and tokens, what the decoder was fed; nullopt if it is damaged or another's.
std::optional<Key> fed_of(const ModelledTimes& times, std::size_t items, std::uint32_t tokens, const Blob& state);

}  // namespace fovea
