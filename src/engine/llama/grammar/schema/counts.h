// Counts: how many of something a JSON Schema asks for, from its least to its most. A plain value.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "engine/llama/grammar/schema/schema_rules.h"

namespace fovea::llama {

struct Counts {
  std::uint64_t least = 0;
  std::optional<std::uint64_t> most;

  bool any() const { return least == 0 && !most; }
  // As a GBNF repetition, where `fewer` of them are written already.
  std::string times(std::uint64_t fewer) const;
};

// What the keywords `least` and `most` of `schema` say, like minItems and maxItems. Charges the repetitions.
Counts counts(SchemaRules& rules, const nlohmann::ordered_json& schema, const char* least, const char* most,
              const std::string& where);

}  // namespace fovea::llama
