// A pattern, a format and lengths would have to hold together, which a grammar cannot say. So only
// one kind of them may be given, or the first kind is kept to and the others are passed over.
#include "engine/llama/grammar/schema/strings.h"

#include <format>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/llama/grammar/json_texts.h"
#include "engine/llama/grammar/schema/counts.h"
#include "engine/llama/grammar/string_pattern.h"

namespace fovea::llama {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t costly = 8;  // characters of a pattern that cost as much as one alternative

// Nullopt where the pattern is refused or passed over.
std::optional<std::string> pattern(SchemaRules& rules, const Json& schema, const std::string& where,
                                   WrittenAs written) {
  const auto found = schema.find("pattern");
  if (found == schema.end()) return std::nullopt;
  const std::string place = where + "/pattern";
  for (const char* beside : {"format", "minLength", "maxLength"}) {
    if (schema.contains(beside))
      rules.pass_over(place, std::format("stands beside {}: say all of it in the pattern", beside));
  }
  if (!found->is_string()) {
    rules.refuse(Fault::invalid, place, "is no text");
    return std::nullopt;
  }
  const auto made = string_pattern(found->get_ref<const std::string&>(), written);
  if (!made) {
    rules.pass_over(place, made.error());
    return std::nullopt;
  }
  rules.grammar().spend(made->size / costly + 1);
  return made->gbnf;
}

// Nullopt where the format is refused or passed over.
std::optional<std::string> format(SchemaRules& rules, const Json& schema, const std::string& where) {
  const auto found = schema.find("format");
  if (found == schema.end()) return std::nullopt;
  const std::string place = where + "/format";
  const std::string_view text = found->is_string() ? format_rule(found->get_ref<const std::string&>()) : "";
  if (text.empty()) {
    rules.pass_over(place, "is none of date, time, date-time and uuid: leave it out");
    return std::nullopt;
  }
  if (schema.contains("minLength") || schema.contains("maxLength"))
    rules.pass_over(place, "stands beside a length: take one of them");
  return std::string(text);
}

// What stands between the quotes or tags by a pattern, or else by a format.
std::optional<std::string> shape(SchemaRules& rules, const Json& schema, const std::string& where, WrittenAs written) {
  auto by_pattern = pattern(rules, schema, where, written);
  return by_pattern ? by_pattern : format(rules, schema, where);
}

}  // namespace

SchemaRules::Id string_rule(SchemaRules& rules, const Json& schema, const std::string& where) {
  const auto quoted = [&](std::string_view text) {
    if (rules.refusal()) return GbnfRules::value;
    return rules.grammar().text(std::format(R"("\"" {} "\"")", text));
  };
  if (const auto shaped = shape(rules, schema, where, WrittenAs::json)) return quoted(*shaped);
  const Counts length = counts(rules, schema, "minLength", "maxLength", where);
  return length.any() ? GbnfRules::string : quoted("char" + length.times(0));
}

std::string plain_string(SchemaRules& rules, const Json& schema, const std::string& where) {
  if (auto shaped = shape(rules, schema, where, WrittenAs::text)) return std::move(*shaped);
  const Counts length = counts(rules, schema, "minLength", "maxLength", where);
  return length.any() ? "" : "[^<]" + length.times(0);
}

}  // namespace fovea::llama
