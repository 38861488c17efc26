// Each schema becomes a rule. The target of a $ref gets a rule when it is first met, and is read after
// everything else, so that a schema may refer to itself.
//
// Every loop over a hostile schema is bounded: bytes, brackets, nesting, size of the grammar, repetitions.
// The grammar's cost in the library is measured by whoever finishes it (GbnfRules::obstacle).
#include "engine/llama/grammar/schema/schema_reader.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <format>
#include <set>
#include <span>
#include <utility>

#include "engine/llama/grammar/json_texts.h"
#include "engine/llama/grammar/schema/constants.h"
#include "engine/llama/grammar/schema/counts.h"
#include "engine/llama/grammar/schema/keywords.h"
#include "engine/llama/grammar/schema/numbers.h"
#include "engine/llama/grammar/schema/object_parts.h"
#include "engine/llama/grammar/schema/schema_union.h"
#include "engine/llama/grammar/schema/strings.h"
#include "engine/tools/schema_reference.h"

namespace fovea::llama {

using Json = nlohmann::ordered_json;

namespace {

constexpr int depth_max = 32;  // schemas in schemas; a $ref starts again at 0

// Whether an object may have properties that are named only in a keyword that was passed over.
bool may_have_others(const Json& schema) {
  constexpr std::array keywords{"patternProperties", "dependentSchemas", "anyOf", "oneOf", "allOf", "then", "else"};
  return std::ranges::any_of(keywords, [&](const char* keyword) {
    const auto found = schema.find(keyword);
    return found != schema.end() && !found->empty();
  });
}

// What a keyword names. For a reference it is `schema` itself, whose reference is followed.
std::span<const Json> schemas_of(const Json& schema, std::string_view keyword) {
  if (keyword == "$ref") return {&schema, 1};
  const Json& list = schema.at(keyword);
  return list.is_array() ? std::span<const Json>(list.get_ref<const Json::array_t&>()) : std::span<const Json>();
}

// Whether the type of `schema` forbids what the keyword beside it takes, as far as both say.
bool type_narrows(const Json& root, const Json& schema, std::string_view keyword) {
  const auto type = schema.find("type");
  if (type == schema.end()) return false;
  const std::span<const Json> named = schemas_of(schema, keyword);
  if (keyword == "allOf" && named.size() > 1) return true;  // as a whole they are not read
  return !std::ranges::all_of(named, [&](const Json& one) {
    const Json* found = meant_schema(root, one);
    if (found == nullptr) return true;  // is refused when it is read
    return found->is_object() && (says_type(*found, *type) || (*type != "object" && lists_constants(*found)));
  });
}

}  // namespace

Result<SchemaReader::Id> SchemaReader::read() {
  const Id root = rule_of(root_, "#", 0);
  if (auto finished = finish(); !finished) return std::unexpected(finished.error());
  return root;
}

// Reads what references name. Reading one may add others.
Result<void> SchemaReader::finish() {
  for (std::size_t i = 0; i < named_.size() && !rules_.refusal(); ++i) {
    const auto [rule, schema, where] = named_[i];
    rules_.grammar().define(rule, rule_of(*schema, where, 0));
  }
  if (!rules_.has_room()) rules_.refuse_size("#");
  if (rules_.refusal()) return std::unexpected(*rules_.refusal());
  return {};
}

SchemaReader::Id SchemaReader::rule_of(const Json& schema, const std::string& where, int depth) {
  if (rules_.refusal()) return GbnfRules::value;
  if (depth > depth_max) {
    rules_.pass_over(where, std::format("is more than {} schemas deep: put parts of it into $defs", depth_max));
    return GbnfRules::value;
  }
  if (!rules_.has_room()) return rules_.refuse_size(where);
  if (schema == true) return GbnfRules::value;
  if (schema == false) {
    rules_.pass_over(where, "is false, which no value fits: leave it out");
    return GbnfRules::value;
  }
  if (!schema.is_object())
    return rules_.refuse(Fault::invalid, where, "is no object: a schema is an object, true or false");
  const auto narrows = [&](const char* keyword) {
    return rules_.passes_over() && type_narrows(root_, schema, keyword);
  };
  if (schema.contains("$ref") && !narrows("$ref")) return named(schema, where);
  if (lists_constants(schema)) return constants_rule(rules_, schema, where);
  for (const char* keyword : {"anyOf", "oneOf", "allOf"}) {
    // Properties and the like that stand beside it say more of the value, mostly.
    const bool is_passed_over = rules_.passes_over() && has_type_keywords(schema);
    if (schema.contains(keyword) && !is_passed_over && !narrows(keyword)) return either(schema, keyword, where, depth);
  }
  std::vector<Id> alternatives;
  for (const std::string& type : types_of(rules_, schema, where))
    alternatives.push_back(rule_of_type(schema, type, where, depth));
  return rules_.grammar().either(std::move(alternatives), true);
}

SchemaReader::Id SchemaReader::rule_of_type(const Json& schema, std::string_view type, const std::string& where,
                                            int depth) {
  if (type == "value") return GbnfRules::value;
  if (type == "object") return object(schema, where, depth);
  if (type == "array") return array(schema, where, depth);
  if (type == "string") return string_rule(rules_, schema, where);
  if (type == "number") return number_rule(rules_, schema, where);
  if (type == "integer") return integer_rule(rules_, schema, where);
  if (type == "boolean") return GbnfRules::boolean;
  if (type == "null") return GbnfRules::null;
  return rules_.refuse(Fault::invalid, where + "/type",
                       "names no type: take object, array, string, number, integer, boolean or null");
}

SchemaReader::Id SchemaReader::named(const Json& schema, const std::string& where) {
  if (!takes_only(rules_, schema, {"$ref"}, where)) return GbnfRules::value;
  const Json& reference = schema.at("$ref");
  const auto path = reference.is_string() ? reference.get<std::string>() : std::string();
  if (const auto known = by_reference_.find(path); known != by_reference_.end()) return known->second;
  const Json* found = referenced(root_, path);
  if (found == nullptr)
    return rules_.refuse(Fault::invalid, where + "/$ref", "names nothing in this schema: write it like #/$defs/name");
  const Id rule = rules_.grammar().reserve();
  by_reference_.emplace(path, rule);
  named_.push_back({rule, found, path});
  return rule;
}

SchemaReader::Id SchemaReader::either(const Json& schema, const char* keyword, const std::string& where, int depth) {
  if (!takes_only(rules_, schema, {keyword}, where)) return GbnfRules::value;
  const Json& schemas = schema.at(keyword);
  const std::string place = where + "/" + keyword;
  if (!schemas.is_array() || schemas.empty()) return rules_.refuse(Fault::invalid, place, "is no list of schemas");
  if (keyword == std::string_view("allOf") && schemas.size() > 1) {
    rules_.pass_over(place, "joins several schemas: write the one that they make together");
    return GbnfRules::value;
  }
  std::vector<Id> alternatives;
  std::vector<const Json*> meant;
  for (const Json& alternative : schemas) {
    alternatives.push_back(rule_of(alternative, std::format("{}/{}", place, alternatives.size()), depth + 1));
    const Json* found = meant_schema(root_, alternative);
    meant.push_back(found == nullptr ? &alternative : found);
  }
  return rules_.grammar().either(std::move(alternatives), told_apart(meant));
}

SchemaReader::Id SchemaReader::object(const Json& schema, const std::string& where, int depth) {
  const auto parts = object_parts(rules_, schema, where);
  if (!parts) return GbnfRules::value;
  std::set<std::string> names;
  std::vector<Member> all;
  std::vector<Id> contained;
  const auto add = [&](const std::string& name, Id value) {
    contained.push_back(value);
    names.insert(name);
    all.push_back({std::format("{} \":\" ws {} ws", GbnfRules::literal(Json(name).dump()), GbnfRules::name(value)),
                   parts->required.contains(name)});
    rules_.grammar().spend(1);
  };
  for (const auto& [name, property] : parts->properties.items())
    add(name, rule_of(property, std::format("{}/properties/{}", where, name), depth + 1));
  const bool has_others = may_have_others(schema);
  const auto additional = has_others ? schema.end() : schema.find("additionalProperties");
  const bool closed = additional != schema.end() && *additional == false;
  const bool anything = additional == schema.end() || closed;
  const Id other = anything ? GbnfRules::value : rule_of(*additional, where + "/additionalProperties", depth + 1);
  for (const std::string& name : parts->required) {
    if (names.contains(name)) continue;
    if (closed)
      return rules_.refuse(Fault::invalid, where + "/required", std::format("names '{}', which is no property", name));
    add(name, other);
  }
  // Where properties are named and additionalProperties is absent, no others are accepted.
  const bool open = additional == schema.end() ? all.empty() || has_others : !closed;
  if (open && all.empty() && other == GbnfRules::value) return GbnfRules::object;
  std::string others;
  if (open) {
    contained.push_back(other);
    others = GbnfRules::name(rules_.grammar().text(
        std::format("{} \":\" ws {} ws", other_key(rules_.grammar(), names), GbnfRules::name(other))));
  }
  return rules_.grammar().container(std::format(R"("{{" ws {}"}}")", members(rules_.grammar(), all, others)),
                                    std::move(contained));
}

SchemaReader::Id SchemaReader::array(const Json& schema, const std::string& where, int depth) {
  const Counts count = counts(rules_, schema, "minItems", "maxItems", where);
  const Json leading = schema.value("prefixItems", Json::array());
  if (!leading.is_array()) return rules_.refuse(Fault::invalid, where + "/prefixItems", "is no list of schemas");
  std::vector<Id> contained;
  std::string text;
  for (const Json& item : leading) {
    contained.push_back(rule_of(item, std::format("{}/prefixItems/{}", where, contained.size()), depth + 1));
    text += std::format("{}{} ws ", text.empty() ? "" : R"("," ws )", GbnfRules::name(contained.back()));
  }
  const std::uint64_t ahead = leading.size();
  if (count.most && *count.most < ahead)
    return rules_.refuse(Fault::invalid, where + "/maxItems", "is less than prefixItems has: raise it");
  const Json items = schema.value("items", Json(leading.empty() || count.least > ahead));
  if (items == false) {
    if (count.least > ahead)
      return rules_.refuse(Fault::invalid, where + "/minItems", "is more than there may be items");
  } else if (count.most != ahead) {
    contained.push_back(rule_of(items, where + "/items", depth + 1));
    const std::string item = GbnfRules::name(contained.back());
    const std::string more = GbnfRules::name(rules_.grammar().text(std::format(R"("," ws {} ws)", item)));
    const std::string items_text = ahead > 0 ? std::format("{}{} ", more, count.times(ahead))
                                             : std::format("{} ws {}{} ", item, more, count.times(1));
    text += ahead > 0 || count.least > 0 ? items_text : std::format("( {})? ", items_text);
  }
  return rules_.grammar().container(std::format(R"("[" ws {}"]")", text), std::move(contained));
}

}  // namespace fovea::llama
