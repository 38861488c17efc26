// told_apart: whether an answer shows early which alternative of a JSON Schema it follows. That decides what
// following alternatives side by side costs (GbnfRules). A pure function; thread-safe.
#pragma once

#include <nlohmann/json.hpp>
#include <span>

namespace fovea::llama {

// Whether of any two of these schemas at most one is left when a nested object or array begins, because they
// differ in type, or in a property's name or constant before that. Schemas that are not simply seen to differ
// count as alike. Fast: few alternatives and few properties of each are compared.
// REQUIRES: each $ref was replaced by its target.
bool told_apart(std::span<const nlohmann::ordered_json* const> alternatives);

}  // namespace fovea::llama
