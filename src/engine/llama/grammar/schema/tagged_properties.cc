// Text between tags is without '<', so that its end is seen. Whether a value is text is decided by the same
// function that reads answers (takes_text_only).
#include "engine/llama/grammar/schema/tagged_properties.h"

#include <format>

#include "engine/llama/grammar/schema/constants.h"
#include "engine/llama/grammar/schema/keywords.h"
#include "engine/llama/grammar/schema/object_parts.h"
#include "engine/llama/grammar/schema/schema_reader.h"
#include "engine/llama/grammar/schema/strings.h"
#include "engine/tools/schema_reference.h"
#include "engine/tools/text_parameters.h"

namespace fovea::llama {

using Json = nlohmann::ordered_json;

namespace {

std::string plain_text(SchemaReader& reader, const Json& schema, const std::string& where) {
  // As it is read within JSON, for what is refused.
  reader.rule_of(schema, where, 1);
  if (reader.rules().refusal()) return {};
  return lists_constants(schema) ? plain_constants(reader.rules(), schema, where)
                                 : plain_string(reader.rules(), schema, where);
}

}  // namespace

Result<std::vector<TaggedProperty>> tagged_properties(GbnfRules& grammar, const Json& schema, std::size_t size_max,
                                                      Unkept unkept) {
  SchemaReader reader(grammar, schema, size_max, unkept);
  SchemaRules& rules = reader.rules();
  takes_only(rules, schema, {"type", "properties", "required", "additionalProperties"}, "#");
  const auto parts = object_parts(rules, schema, "#");
  if (rules.refusal()) return std::unexpected(*rules.refusal());
  std::vector<TaggedProperty> all;
  for (const auto& [name, property] : parts->properties.items()) {
    const std::string where = "#/properties/" + name;
    if (name.empty() || name.find_first_of("<>\n") != std::string::npos)
      rules.refuse(Fault::unsupported, where, "has a name that cannot stand between tags");
    const bool is_text = takes_text_only(schema, property);
    all.push_back({name, parts->required.contains(name),
                   is_text ? plain_text(reader, *meant_schema(schema, property), where)
                           : GbnfRules::name(reader.rule_of(property, where, 1)),
                   is_text});
    grammar.spend(1);
  }
  for (const std::string& name : parts->required) {
    if (!parts->properties.contains(name))
      rules.pass_over("#/required", std::format("names '{}', which is no property", name));
  }
  if (auto finished = reader.finish(); !finished) return std::unexpected(finished.error());
  return all;
}

}  // namespace fovea::llama
