// SchemaReader: turns one JSON Schema into rules of a grammar (GbnfRules). json_grammar.h says what it knows.
//
// Borrows the schema, which is parsed, and the rules, to which it adds. Used by one thread, once.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/llama/grammar/schema/schema_rules.h"

namespace fovea::llama {

class SchemaReader {
 public:
  using Json = nlohmann::ordered_json;
  using Id = GbnfRules::Id;

  // `size_max`: rules, alternatives and repetitions that `grammar` may have in all.
  SchemaReader(GbnfRules& grammar, const Json& root, std::size_t size_max, Unkept unkept = Unkept::refused)
      : rules_(grammar, size_max, unkept), root_(root) {}

  // The rule of the whole schema. Faults: those of json_grammar, except for a grammar that would be too slow.
  Result<Id> read();

  // The same for parts of the schema: the rule of the one at `where`, which is inside `depth` others. Behind
  // the last part, finish() reads what references name and says whether something was refused.
  Id rule_of(const Json& schema, const std::string& where, int depth);
  Result<void> finish();
  SchemaRules& rules() { return rules_; }

 private:
  struct Named {
    Id rule;
    const Json* schema;
    std::string where;
  };

  Id rule_of_type(const Json& schema, std::string_view type, const std::string& where, int depth);
  Id named(const Json& schema, const std::string& where);
  Id either(const Json& schema, const char* keyword, const std::string& where, int depth);
  Id object(const Json& schema, const std::string& where, int depth);
  Id array(const Json& schema, const std::string& where, int depth);

  SchemaRules rules_;
  const Json& root_;
  std::vector<Named> named_;
  std::map<std::string, Id> by_reference_;
};

}  // namespace fovea::llama
