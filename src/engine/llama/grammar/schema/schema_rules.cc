#include "engine/llama/grammar/schema/schema_rules.h"

#include <format>

namespace fovea::llama {

SchemaRules::Id SchemaRules::refuse(Fault fault, const std::string& where, std::string_view why) {
  if (!refusal_) refusal_ = Error{fault, std::format("the JSON schema at {} {}", where, why)};
  return GbnfRules::value;
}

bool SchemaRules::pass_over(const std::string& where, std::string_view why) {
  if (!passes_over()) refuse(Fault::unsupported, where, why);
  return passes_over();
}

SchemaRules::Id SchemaRules::refuse_size(const std::string& where) {
  return refuse(Fault::unsupported, where,
                std::format("makes more than {} rules, alternatives and repetitions: simplify it", size_max_));
}

}  // namespace fovea::llama
