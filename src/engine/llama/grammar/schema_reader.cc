// Each schema becomes a rule. The target of a $ref gets a rule when it is first met, and is read after
// everything else, so that a schema may refer to itself. The first refusal is kept; whatever is built after
// it is not used.
//
// Every loop over a hostile schema is bounded: bytes, brackets, nesting, size of the grammar, repetitions.
// The grammar's cost in the library is measured by whoever finishes it (GbnfRules::obstacle).
#include "engine/llama/grammar/schema_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <format>
#include <set>
#include <utility>

#include "engine/llama/grammar/integer_range.h"
#include "engine/llama/grammar/json_texts.h"
#include "engine/llama/grammar/schema_union.h"
#include "engine/llama/grammar/string_pattern.h"
#include "engine/tools/text_parameters.h"

namespace fovea::llama {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t schema_bytes_max = 64 << 10;  // a hundred times what people write
constexpr int nesting_max = 128;  // brackets of the text: three and a half for each schema in a schema
constexpr int depth_max = 32;     // schemas in schemas; a $ref starts again at 0
// The library takes less than 2000 and reads more as "any number".
constexpr std::uint64_t repetitions_max = 1000;
constexpr std::size_t types_max = 7;
constexpr std::uint64_t costly = 8;  // repetitions that cost as much as one alternative

constexpr std::array<std::string_view, 14> annotations{
    "title",  "description", "default",  "examples",  "$schema", "$id",         "$comment",
    "strict", "deprecated",  "readOnly", "writeOnly", "$defs",   "definitions", "discriminator"};

constexpr std::array<const char*, 4> number_bounds{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"};

bool is_of_type(const Json& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  return type == "integer" ? value.is_number_integer() : value.is_number();
}

}  // namespace

struct SchemaReader::Bounds {
  std::uint64_t least = 0;
  std::optional<std::uint64_t> most;

  // As a GBNF repetition, where `fewer` of them are written already.
  std::string times(std::uint64_t fewer) const {
    const auto less = [fewer](std::uint64_t count) { return count - std::min(count, fewer); };
    return most ? std::format("{{{},{}}}", less(least), less(*most)) : std::format("{{{},}}", less(least));
  }
};

Result<SchemaReader::Id> SchemaReader::read() {
  const Id root = rule_of(root_, "#", 0);
  if (auto finished = finish(); !finished) return std::unexpected(finished.error());
  return root;
}

// Reads what references name. Reading one may add others.
Result<void> SchemaReader::finish() {
  for (std::size_t i = 0; i < named_.size() && !refusal_; ++i) {
    const auto [rule, schema, where] = named_[i];
    rules_.define(rule, rule_of(*schema, where, 0));
  }
  if (!refusal_ && rules_.size() > size_max_) too_large("#");
  if (refusal_) return std::unexpected(*refusal_);
  return {};
}

SchemaReader::Id SchemaReader::refuse(Fault fault, const std::string& where, std::string_view why) {
  if (!refusal_) refusal_ = Error{fault, std::format("the JSON schema at {} {}", where, why)};
  return GbnfRules::value;
}

SchemaReader::Id SchemaReader::too_large(const std::string& where) {
  return refuse(Fault::unsupported, where,
                std::format("makes more than {} rules, alternatives and repetitions: simplify it", size_max_));
}

SchemaReader::Id SchemaReader::rule_of(const Json& schema, const std::string& where, int depth) {
  if (refusal_) return GbnfRules::value;
  if (depth > depth_max)
    return refuse(Fault::unsupported, where,
                  std::format("is more than {} schemas deep: put parts of it into $defs", depth_max));
  if (rules_.size() > size_max_) return too_large(where);
  if (schema == true) return GbnfRules::value;
  if (schema == false) return refuse(Fault::unsupported, where, "is false, which no value fits: leave it out");
  if (!schema.is_object()) return refuse(Fault::invalid, where, "is no object: a schema is an object, true or false");
  if (schema.contains("$ref")) return named(schema, where);
  if (schema.contains("const") || schema.contains("enum")) return constant(schema, where);
  for (const char* keyword : {"anyOf", "oneOf", "allOf"}) {
    if (schema.contains(keyword)) return either(schema, keyword, where, depth);
  }
  std::vector<Id> rules;
  const std::vector<std::string> types = types_of(schema, where);
  for (const std::string& type : types) rules.push_back(rule_of_type(schema, type, where, depth));
  return rules_.either(std::move(rules), true);
}

// The types of a schema. Where it names none, its other keywords tell.
std::vector<std::string> SchemaReader::types_of(const Json& schema, const std::string& where) {
  if (!takes_only(
          schema,
          {"type", "properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems",
           "minLength", "maxLength", "format", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
          where))
    return {"value"};
  const auto type = schema.find("type");
  if (type == schema.end()) {
    for (const char* keyword : {"properties", "required", "additionalProperties"}) {
      if (schema.contains(keyword)) return {"object"};
    }
    for (const char* keyword : {"items", "prefixItems", "minItems", "maxItems"}) {
      if (schema.contains(keyword)) return {"array"};
    }
    for (const char* keyword : {"minLength", "maxLength", "format", "pattern"}) {
      if (schema.contains(keyword)) return {"string"};
    }
    for (const char* keyword : number_bounds) {
      if (schema.contains(keyword)) return {"number"};
    }
    return {"value"};
  }
  if (type->is_string()) return {type->get<std::string>()};
  std::vector<std::string> types;
  if (type->size() > types_max) {
    refuse(Fault::invalid, where + "/type", std::format("names more than the {} types that there are", types_max));
    return {"value"};
  }
  for (const Json& one : *type) {
    if (one.is_string() && !std::ranges::contains(types, one.get<std::string>()))
      types.push_back(one.get<std::string>());
  }
  if (!type->is_array() || types.empty() || types.size() != type->size()) {
    refuse(Fault::invalid, where + "/type", "is no type and no list of different types");
    return {"value"};
  }
  return types;
}

SchemaReader::Id SchemaReader::rule_of_type(const Json& schema, std::string_view type, const std::string& where,
                                            int depth) {
  if (type == "value") return GbnfRules::value;
  if (type == "object") return object(schema, where, depth);
  if (type == "array") return array(schema, where, depth);
  if (type == "string") return string(schema, where);
  if (type == "number") return number(schema, where);
  if (type == "integer") return integer(schema, where);
  if (type == "boolean") return GbnfRules::boolean;
  if (type == "null") return GbnfRules::null;
  return refuse(Fault::invalid, where + "/type",
                "names no type: take object, array, string, number, integer, boolean or null");
}

bool SchemaReader::takes_only(const Json& schema, std::initializer_list<std::string_view> keywords,
                              const std::string& where) {
  for (const auto& [keyword, value] : schema.items()) {
    if (std::ranges::contains(keywords, keyword) || std::ranges::contains(annotations, keyword)) continue;
    refuse(Fault::unsupported, std::format("{}/{}", where, keyword),
           std::format("uses '{}', which cannot be kept to here: leave it out, and check the answer for it", keyword));
    return false;
  }
  return true;
}

const Json* SchemaReader::target(const std::string& reference) {
  if (!reference.starts_with('#')) return nullptr;
  try {
    return &root_.at(Json::json_pointer(reference.substr(1)));
  } catch (const std::exception&) {
    return nullptr;
  }
}

// The schema that a $ref leads to, or the schema itself. Follows only a few references, as in any schema that
// people write.
const Json* SchemaReader::meant(const Json& schema) {
  const Json* found = &schema;
  for (int hands = 0; hands < depth_max; ++hands) {
    const auto reference = found->is_object() ? found->find("$ref") : found->end();
    if (reference == found->end() || !reference->is_string()) break;
    const Json* next = target(reference->get<std::string>());
    if (next == nullptr) break;
    found = next;
  }
  return found;
}

SchemaReader::Id SchemaReader::named(const Json& schema, const std::string& where) {
  if (!takes_only(schema, {"$ref"}, where)) return GbnfRules::value;
  const Json& reference = schema.at("$ref");
  const auto path = reference.is_string() ? reference.get<std::string>() : std::string();
  if (const auto known = by_reference_.find(path); known != by_reference_.end()) return known->second;
  const Json* found = target(path);
  if (found == nullptr)
    return refuse(Fault::invalid, where + "/$ref", "names nothing in this schema: write it like #/$defs/name");
  const Id rule = rules_.reserve();
  by_reference_.emplace(path, rule);
  named_.push_back({rule, found, path});
  return rule;
}

SchemaReader::Id SchemaReader::constant(const Json& schema, const std::string& where) {
  const bool one = schema.contains("const");
  const char* keyword = one ? "const" : "enum";
  if (!takes_only(schema, {keyword, "type"}, where)) return GbnfRules::value;
  const Json values = one ? Json::array({schema.at("const")}) : schema.at("enum");
  if (!values.is_array()) return refuse(Fault::invalid, where + "/enum", "is no list of values");
  const std::vector<std::string> types =
      schema.contains("type") ? types_of(Json{{"type", schema.at("type")}}, where) : std::vector<std::string>();
  std::string text;
  for (const Json& value : values) {
    const auto is_it = [&](const std::string& type) { return is_of_type(value, type); };
    if (!types.empty() && std::ranges::none_of(types, is_it)) continue;
    text += (text.empty() ? "" : " | ") + GbnfRules::literal(value.dump());
    rules_.spend(1);
  }
  if (text.empty())
    return refuse(Fault::invalid, where + "/" + keyword, "leaves no value of the type that is asked for");
  return rules_.text(text);
}

SchemaReader::Id SchemaReader::either(const Json& schema, const char* keyword, const std::string& where, int depth) {
  if (!takes_only(schema, {keyword}, where)) return GbnfRules::value;
  const Json& schemas = schema.at(keyword);
  const std::string place = where + "/" + keyword;
  if (!schemas.is_array() || schemas.empty()) return refuse(Fault::invalid, place, "is no list of schemas");
  if (keyword == std::string_view("allOf") && schemas.size() > 1)
    return refuse(Fault::unsupported, place, "joins several schemas: write the one that they make together");
  std::vector<Id> rules;
  std::vector<const Json*> alternatives;
  for (const Json& alternative : schemas) {
    rules.push_back(rule_of(alternative, std::format("{}/{}", place, rules.size()), depth + 1));
    alternatives.push_back(meant(alternative));
  }
  return rules_.either(std::move(rules), told_apart(alternatives));
}

SchemaReader::Id SchemaReader::object(const Json& schema, const std::string& where, int depth) {
  const Json properties = schema.value("properties", Json::object());
  const Json required = schema.value("required", Json::array());
  if (!properties.is_object()) return refuse(Fault::invalid, where + "/properties", "is no object");
  if (!required.is_array() || !std::ranges::all_of(required, &Json::is_string))
    return refuse(Fault::invalid, where + "/required", "is no list of names");
  const auto needed = required.get<std::set<std::string>>();
  // Where properties are named and additionalProperties is absent, no others are accepted.
  const bool open = schema.contains("additionalProperties") ? schema["additionalProperties"] != false
                                                            : properties.empty() && needed.empty();
  std::set<std::string> names;
  std::vector<Member> all;
  std::vector<Id> contained;
  const auto add = [&](const std::string& name, Id value) {
    contained.push_back(value);
    names.insert(name);
    all.push_back({std::format("{} \":\" ws {} ws", GbnfRules::literal(Json(name).dump()), GbnfRules::name(value)),
                   needed.contains(name)});
    rules_.spend(1);
  };
  for (const auto& [name, property] : properties.items())
    add(name, rule_of(property, std::format("{}/properties/{}", where, name), depth + 1));
  const Json others = schema.value("additionalProperties", Json(true));
  const Id other = rule_of(others == false ? Json(true) : others, where + "/additionalProperties", depth + 1);
  for (const std::string& name : needed) {
    if (names.contains(name)) continue;
    if (others == false)
      return refuse(Fault::invalid, where + "/required", std::format("names '{}', which is no property", name));
    add(name, other);
  }
  if (open && all.empty() && other == GbnfRules::value) return GbnfRules::object;
  std::string others_text;
  if (open) {
    contained.push_back(other);
    others_text = GbnfRules::name(
        rules_.text(std::format("{} \":\" ws {} ws", other_key(rules_, names), GbnfRules::name(other))));
  }
  return rules_.container(std::format(R"("{{" ws {}"}}")", members(rules_, all, others_text)), std::move(contained));
}

SchemaReader::Id SchemaReader::array(const Json& schema, const std::string& where, int depth) {
  const Bounds count = bounds(schema, "minItems", "maxItems", where);
  const Json leading = schema.value("prefixItems", Json::array());
  if (!leading.is_array()) return refuse(Fault::invalid, where + "/prefixItems", "is no list of schemas");
  std::vector<Id> contained;
  std::string text;
  for (const Json& item : leading) {
    contained.push_back(rule_of(item, std::format("{}/prefixItems/{}", where, contained.size()), depth + 1));
    text += std::format("{}{} ws ", text.empty() ? "" : R"("," ws )", GbnfRules::name(contained.back()));
  }
  const std::uint64_t ahead = leading.size();
  if (count.most && *count.most < ahead)
    return refuse(Fault::invalid, where + "/maxItems", "is less than prefixItems has: raise it");
  const Json items = schema.value("items", Json(leading.empty() || count.least > ahead));
  if (items == false) {
    if (count.least > ahead) return refuse(Fault::invalid, where + "/minItems", "is more than there may be items");
  } else if (count.most != ahead) {
    contained.push_back(rule_of(items, where + "/items", depth + 1));
    const std::string item = GbnfRules::name(contained.back());
    const std::string more = GbnfRules::name(rules_.text(std::format(R"("," ws {} ws)", item)));
    const std::string items_text = ahead > 0 ? std::format("{}{} ", more, count.times(ahead))
                                             : std::format("{} ws {}{} ", item, more, count.times(1));
    text += ahead > 0 || count.least > 0 ? items_text : std::format("( {})? ", items_text);
  }
  return rules_.container(std::format(R"("[" ws {}"]")", text), std::move(contained));
}

SchemaReader::Id SchemaReader::string(const Json& schema, const std::string& where) {
  if (schema.contains("pattern")) return rules_.text(std::format(R"("\"" {} "\"")", pattern(schema, where, false)));
  if (schema.contains("format")) {
    if (schema.contains("minLength") || schema.contains("maxLength"))
      return refuse(Fault::unsupported, where + "/format", "stands beside a length: take one of them");
    const Json& format = schema.at("format");
    const std::string_view text = format.is_string() ? format_rule(format.get_ref<const std::string&>()) : "";
    if (!text.empty()) return rules_.text(std::format(R"("\"" {} "\"")", text));
    return refuse(Fault::unsupported, where + "/format", "is none of date, time, date-time and uuid: leave it out");
  }
  const Bounds length = bounds(schema, "minLength", "maxLength", where);
  if (length.least == 0 && !length.most) return GbnfRules::string;
  return rules_.text(std::format(R"("\"" char{} "\"")", length.times(0)));
}

std::string SchemaReader::pattern(const Json& schema, const std::string& where, bool as_text) {
  const std::string place = where + "/pattern";
  for (const char* beside : {"format", "minLength", "maxLength"}) {
    if (schema.contains(beside))
      refuse(Fault::unsupported, place, std::format("stands beside {}: say all of it in the pattern", beside));
  }
  const Json& expression = schema.at("pattern");
  if (!expression.is_string()) {
    refuse(Fault::invalid, place, "is no text");
    return {};
  }
  const auto made =
      string_pattern(expression.get_ref<const std::string&>(), as_text ? WrittenAs::text : WrittenAs::json);
  if (!made) {
    refuse(Fault::unsupported, place, made.error());
    return {};
  }
  rules_.spend(made->size / costly + 1);
  return made->gbnf;
}

SchemaReader::Id SchemaReader::number(const Json& schema, const std::string& where) {
  for (const char* keyword : number_bounds) {
    if (schema.contains(keyword))
      return refuse(Fault::unsupported, std::format("{}/{}", where, keyword),
                    std::format("uses '{}', which is kept to for \"type\":\"integer\" only: leave it out, and check "
                                "the answer for it",
                                keyword));
  }
  return GbnfRules::number;
}

SchemaReader::Id SchemaReader::integer(const Json& schema, const std::string& where) {
  if (std::ranges::none_of(number_bounds, [&](const char* keyword) { return schema.contains(keyword); }))
    return GbnfRules::integer;
  std::int64_t least = -integer_most;
  std::int64_t most = integer_most;
  for (const char* keyword : {"minimum", "exclusiveMinimum"})
    least = std::max(least, integer_bound(schema, keyword, true, where).value_or(least));
  for (const char* keyword : {"maximum", "exclusiveMaximum"})
    most = std::min(most, integer_bound(schema, keyword, false, where).value_or(most));
  if (refusal_) return GbnfRules::value;
  if (least > most) return refuse(Fault::invalid, where, "has bounds that no whole number is between");
  const std::string text = integer_range(least, most);
  rules_.spend(static_cast<std::size_t>(std::ranges::count(text, '|')));
  return rules_.text(text);
}

// The least or the most whole number that a bound allows.
std::optional<std::int64_t> SchemaReader::integer_bound(const Json& schema, const char* keyword, bool is_least,
                                                        const std::string& where) {
  const auto found = schema.find(keyword);
  if (found == schema.end()) return std::nullopt;
  if (!found->is_number()) {
    refuse(Fault::invalid, std::format("{}/{}", where, keyword), "is no number");
    return std::nullopt;
  }
  // One more than the most, so that a bound beyond it allows nothing there.
  constexpr std::int64_t beyond = integer_most + 1;
  std::int64_t bound = 0;
  bool between = false;  // two whole numbers
  if (found->is_number_unsigned()) {
    bound = static_cast<std::int64_t>(std::min<std::uint64_t>(found->get<std::uint64_t>(), beyond));
  } else if (found->is_number_integer()) {
    bound = std::max(found->get<std::int64_t>(), -beyond);
  } else {
    const auto number = found->get<double>();
    const double whole = is_least ? std::ceil(number) : std::floor(number);
    between = whole != number;
    bound = static_cast<std::int64_t>(std::clamp(whole, -static_cast<double>(beyond), static_cast<double>(beyond)));
  }
  const bool excludes = std::string_view(keyword).starts_with("exclusive") && !between;
  return is_least ? bound + (excludes ? 1 : 0) : bound - (excludes ? 1 : 0);
}

Result<std::vector<TaggedProperty>> SchemaReader::read_tagged() {
  takes_only(root_, {"type", "properties", "required", "additionalProperties"}, "#");
  const Json properties = root_.value("properties", Json::object());
  const Json required = root_.value("required", Json::array());
  if (!properties.is_object()) refuse(Fault::invalid, "#/properties", "is no object");
  if (!required.is_array() || !std::ranges::all_of(required, &Json::is_string))
    refuse(Fault::invalid, "#/required", "is no list of names");
  if (refusal_) return std::unexpected(*refusal_);
  std::vector<TaggedProperty> all;
  for (const auto& [name, property] : properties.items()) {
    const std::string where = "#/properties/" + name;
    if (name.empty() || name.find_first_of("<>\n") != std::string::npos)
      refuse(Fault::unsupported, where, "has a name that cannot stand between tags");
    const bool is_text = takes_text_only(root_, property);
    all.push_back({name, std::ranges::contains(required, Json(name)),
                   is_text ? tagged_text(*meant(property), where) : GbnfRules::name(rule_of(property, where, 1)),
                   is_text});
    rules_.spend(1);
  }
  for (const Json& name : required) {
    if (!properties.contains(name.get_ref<const std::string&>()))
      refuse(Fault::unsupported, "#/required",
             std::format("names '{}', which is no property", name.get_ref<const std::string&>()));
  }
  if (auto finished = finish(); !finished) return std::unexpected(finished.error());
  return all;
}

// A string between tags. Without '<', except for constants, so that its end is seen.
std::string SchemaReader::tagged_text(const Json& schema, const std::string& where) {
  if (schema.contains("const") || schema.contains("enum")) {
    constant(schema, where);
    if (refusal_) return {};
    const Json values = schema.contains("const") ? Json::array({schema.at("const")}) : schema.at("enum");
    std::string text;
    for (const Json& value : values) {
      if (!value.is_string()) continue;
      const auto& written = value.get_ref<const std::string&>();
      if (written.find('<') != std::string::npos || written.find('\n') != std::string::npos) {
        refuse(Fault::unsupported, where, "has a value that cannot stand between tags: leave out '<' and line breaks");
        return {};
      }
      text += (text.empty() ? "" : " | ") + GbnfRules::literal(written);
    }
    return "( " + text + " )";
  }
  // As it is read within JSON, for what is refused.
  rule_of(schema, where, 1);
  if (refusal_) return {};
  if (schema.contains("pattern")) return pattern(schema, where, true);
  if (schema.contains("format")) return std::string(format_rule(schema.at("format").get_ref<const std::string&>()));
  const Bounds length = bounds(schema, "minLength", "maxLength", where);
  return length.least == 0 && !length.most ? "" : "[^<]" + length.times(0);
}

SchemaReader::Bounds SchemaReader::bounds(const Json& schema, const char* least, const char* most,
                                          const std::string& where) {
  Bounds bounds;
  for (const char* keyword : {least, most}) {
    const auto found = schema.find(keyword);
    if (found == schema.end()) continue;
    if (!found->is_number_unsigned()) {
      refuse(Fault::invalid, where + "/" + keyword, "is no whole number from 0 up");
      return {};
    }
    const auto count = found->get<std::uint64_t>();
    if (count > repetitions_max) {
      refuse(Fault::unsupported, where + "/" + keyword, std::format("is above {}: take less", repetitions_max));
      return {};
    }
    (keyword == least ? bounds.least : bounds.most.emplace()) = count;
  }
  if (bounds.most && *bounds.most < bounds.least)
    refuse(Fault::invalid, where, std::format("has {} above {}", least, most));
  rules_.spend(std::max(bounds.least, bounds.most.value_or(0)) / costly);
  return bounds;
}

Result<Json> parse_schema(std::string_view schema) {
  if (schema.size() > schema_bytes_max)
    return fail(Fault::too_large,
                std::format("the JSON schema has {} bytes: give at most {}", schema.size(), schema_bytes_max));
  bool deep = false;
  const auto watch = [&deep](int depth, Json::parse_event_t, Json&) { return !(deep |= depth > nesting_max); };
  Json root = Json::parse(schema, watch, false);
  if (deep)
    return fail(Fault::unsupported,
                std::format("the JSON schema has more than {} brackets one in the other: put parts of it into $defs",
                            nesting_max));
  if (root.is_discarded())
    return fail(Fault::invalid, "the JSON schema is no JSON: check its quotes, commas and brackets");
  if (!root.is_object())
    return fail(Fault::invalid, "the JSON schema is no object: give one like {\"type\":\"object\"}");
  return root;
}

}  // namespace fovea::llama
