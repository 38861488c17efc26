// tagged_properties: an object's values where they are not written as JSON: one by one between tags, a string
// as it is. Pure except for the rules that are added.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/llama/grammar/gbnf_rules.h"
#include "engine/llama/grammar/schema/schema_rules.h"
#include "fovea/result.h"

namespace fovea::llama {

struct TaggedProperty {
  std::string name;
  bool required;
  // In GBNF: a JSON value, or the plain text of a string; empty for any text.
  std::string value;
  bool is_text;
};

// The properties of `schema`, which is an object's, in their order. Others are not written. `size_max` and
// `unkept`: as SchemaReader has them. Faults: those of SchemaReader::read.
Result<std::vector<TaggedProperty>> tagged_properties(GbnfRules& grammar, const nlohmann::ordered_json& schema,
                                                      std::size_t size_max, Unkept unkept = Unkept::refused);

}  // namespace fovea::llama
