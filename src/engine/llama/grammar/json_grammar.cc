#include "engine/llama/grammar/json_grammar.h"

#include <exception>
#include <format>

#include "engine/llama/grammar/gbnf_rules.h"
#include "engine/llama/grammar/schema/schema_reader.h"
#include "engine/llama/grammar/schema/schema_text.h"

namespace fovea::llama {

namespace {

// Alternatives, rules and repetitions; each may cost every token.
constexpr std::size_t grammar_size_max = 1000;

}  // namespace

Result<std::string> json_grammar(std::string_view schema) {
  try {
    const auto root = parse_schema(schema);
    if (!root) return std::unexpected(root.error());
    GbnfRules rules;
    const auto rule = SchemaReader(rules, *root, grammar_size_max).read();
    if (!rule) return std::unexpected(rule.error());
    if (const auto obstacle = rules.obstacle(); !obstacle.empty())
      return fail(Fault::unsupported, std::format("the JSON schema at # cannot be kept to: {}", obstacle));
    return rules.finish(*rule);
  } catch (const std::exception& error) {
    return fail(Fault::invalid, std::format("the JSON schema cannot be read: {}", error.what()));
  }
}

}  // namespace fovea::llama
