// Which alternatives of a JSON Schema an answer shows early: needed to know what following them side by side costs.
// Pure; thread-safe.
#pragma once

#include <nlohmann/json.hpp>
#include <span>

namespace fovea::llama {

// Whether of two of these schemas at most one can go on once a nested object or array is opened: they differ in type,
// or in a property's name or constant before that. What is not seen at once is said to be alike. Fast: few alternatives
// and few properties of each are compared.
// REQUIRES: a $ref was replaced by what it means.
bool told_apart(std::span<const nlohmann::ordered_json* const> alternatives);

}  // namespace fovea::llama
