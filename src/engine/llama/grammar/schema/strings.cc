// A pattern, a format and lengths would have to hold together, which a grammar cannot say. So only
// one kind of them may be given.
#include "engine/llama/grammar/schema/strings.h"

#include <format>
#include <string_view>

#include "engine/llama/grammar/json_texts.h"
#include "engine/llama/grammar/schema/counts.h"
#include "engine/llama/grammar/string_pattern.h"

namespace fovea::llama {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t costly = 8;  // characters of a pattern that cost as much as one alternative

std::string pattern(SchemaRules& rules, const Json& schema, const std::string& where, WrittenAs written) {
  const std::string place = where + "/pattern";
  for (const char* beside : {"format", "minLength", "maxLength"}) {
    if (schema.contains(beside))
      rules.refuse(Fault::unsupported, place, std::format("stands beside {}: say all of it in the pattern", beside));
  }
  const Json& expression = schema.at("pattern");
  if (!expression.is_string()) {
    rules.refuse(Fault::invalid, place, "is no text");
    return {};
  }
  const auto made = string_pattern(expression.get_ref<const std::string&>(), written);
  if (!made) {
    rules.refuse(Fault::unsupported, place, made.error());
    return {};
  }
  rules.grammar().spend(made->size / costly + 1);
  return made->gbnf;
}

std::string_view format(SchemaRules& rules, const Json& schema, const std::string& where) {
  const std::string place = where + "/format";
  if (schema.contains("minLength") || schema.contains("maxLength"))
    rules.refuse(Fault::unsupported, place, "stands beside a length: take one of them");
  const Json& name = schema.at("format");
  const std::string_view text = name.is_string() ? format_rule(name.get_ref<const std::string&>()) : "";
  if (text.empty()) rules.refuse(Fault::unsupported, place, "is none of date, time, date-time and uuid: leave it out");
  return text;
}

}  // namespace

SchemaRules::Id string_rule(SchemaRules& rules, const Json& schema, const std::string& where) {
  const auto quoted = [&](std::string_view text) {
    if (rules.refusal()) return GbnfRules::value;
    return rules.grammar().text(std::format(R"("\"" {} "\"")", text));
  };
  if (schema.contains("pattern")) return quoted(pattern(rules, schema, where, WrittenAs::json));
  if (schema.contains("format")) return quoted(format(rules, schema, where));
  const Counts length = counts(rules, schema, "minLength", "maxLength", where);
  if (length.any()) return GbnfRules::string;
  return rules.grammar().text(std::format(R"("\"" char{} "\"")", length.times(0)));
}

std::string plain_string(SchemaRules& rules, const Json& schema, const std::string& where) {
  if (schema.contains("pattern")) return pattern(rules, schema, where, WrittenAs::text);
  if (schema.contains("format")) return std::string(format(rules, schema, where));
  const Counts length = counts(rules, schema, "minLength", "maxLength", where);
  return length.any() ? "" : "[^<]" + length.times(0);
}

}  // namespace fovea::llama
