// SchemaReader: turns one JSON Schema into rules of a grammar (GbnfRules). json_grammar.h says what it knows.
//
// Borrows the schema, which is parsed, and the rules, to which it adds. Used by one thread, once.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/llama/grammar/gbnf_rules.h"
#include "fovea/result.h"

namespace fovea::llama {

// A parsed schema. Faults: as json_grammar, for text that is none.
Result<nlohmann::ordered_json> parse_schema(std::string_view text);

// How an object's values may be written outside of JSON: a string that stands between tags as it is.
struct TaggedProperty {
  std::string name;
  bool required;
  // In GBNF: a JSON value, or the plain text of a string; empty for any text.
  std::string value;
  bool is_text;
};

class SchemaReader {
 public:
  using Json = nlohmann::ordered_json;
  using Id = GbnfRules::Id;

  // `size_max`: rules, alternatives and repetitions that `rules` may have in all.
  SchemaReader(GbnfRules& rules, const Json& root, std::size_t size_max)
      : rules_(rules), root_(root), size_max_(size_max) {}

  // The rule of the whole schema. Faults: those of json_grammar, except for a grammar that would be too slow.
  Result<Id> read();
  // The properties of the schema, which is an object's, in their order. Others are not written.
  // Faults: the same.
  Result<std::vector<TaggedProperty>> read_tagged();

 private:
  struct Named {
    Id rule;
    const Json* schema;
    std::string where;
  };
  struct Bounds;

  // Returns a rule, so that it can be used where one is needed.
  Id refuse(Fault fault, const std::string& where, std::string_view why);
  Id too_large(const std::string& where);
  Result<void> finish();

  Id rule_of(const Json& schema, const std::string& where, int depth);
  Id rule_of_type(const Json& schema, std::string_view type, const std::string& where, int depth);
  Id named(const Json& schema, const std::string& where);
  Id constant(const Json& schema, const std::string& where);
  Id either(const Json& schema, const char* keyword, const std::string& where, int depth);
  Id object(const Json& schema, const std::string& where, int depth);
  Id array(const Json& schema, const std::string& where, int depth);
  Id string(const Json& schema, const std::string& where);
  Id integer(const Json& schema, const std::string& where);
  Id number(const Json& schema, const std::string& where);
  std::string tagged_text(const Json& schema, const std::string& where);
  std::string pattern(const Json& schema, const std::string& where, bool as_text);

  bool takes_only(const Json& schema, std::initializer_list<std::string_view> keywords, const std::string& where);
  std::vector<std::string> types_of(const Json& schema, const std::string& where);
  Bounds bounds(const Json& schema, const char* least, const char* most, const std::string& where);
  std::optional<std::int64_t> integer_bound(const Json& schema, const char* keyword, bool is_least,
                                            const std::string& where);
  const Json* meant(const Json& schema);
  const Json* target(const std::string& reference);

  GbnfRules& rules_;
  const Json& root_;
  const std::size_t size_max_;
  std::vector<Named> named_;
  std::map<std::string, Id> by_reference_;
  std::optional<Error> refusal_;
};

}  // namespace fovea::llama
