// A bound may be any number of JSON: a fraction, or one beyond what a grammar has digits for. It becomes the
// first or the last whole number that it allows.
#include "engine/llama/grammar/schema/numbers.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <format>
#include <optional>
#include <string_view>

#include "engine/llama/grammar/integer_range.h"
#include "engine/llama/grammar/schema/keywords.h"

namespace fovea::llama {

using Json = nlohmann::ordered_json;

namespace {

// The least or the most whole number that a bound allows.
std::optional<std::int64_t> integer_bound(SchemaRules& rules, const Json& schema, const char* keyword, bool is_least,
                                          const std::string& where) {
  const auto found = schema.find(keyword);
  if (found == schema.end()) return std::nullopt;
  if (!found->is_number()) {
    rules.refuse(Fault::invalid, std::format("{}/{}", where, keyword), "is no number");
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

}  // namespace

SchemaRules::Id number_rule(SchemaRules& rules, const Json& schema, const std::string& where) {
  for (const char* keyword : number_bounds) {
    if (schema.contains(keyword) &&
        !rules.pass_over(std::format("{}/{}", where, keyword),
                         std::format("uses '{}', which is kept to for \"type\":\"integer\" only: leave it out, and "
                                     "check the answer for it",
                                     keyword)))
      break;
  }
  return GbnfRules::number;
}

SchemaRules::Id integer_rule(SchemaRules& rules, const Json& schema, const std::string& where) {
  if (std::ranges::none_of(number_bounds, [&](const char* keyword) { return schema.contains(keyword); }))
    return GbnfRules::integer;
  std::int64_t least = -integer_most;
  std::int64_t most = integer_most;
  for (const char* keyword : {"minimum", "exclusiveMinimum"})
    least = std::max(least, integer_bound(rules, schema, keyword, true, where).value_or(least));
  for (const char* keyword : {"maximum", "exclusiveMaximum"})
    most = std::min(most, integer_bound(rules, schema, keyword, false, where).value_or(most));
  if (rules.refusal()) return GbnfRules::value;
  if (least > integer_most || most < -integer_most) {
    rules.pass_over(where, std::format("has a bound beyond {}, more digits than are kept to here", integer_most));
    return GbnfRules::integer;
  }
  if (least > most) return rules.refuse(Fault::invalid, where, "has bounds that no whole number is between");
  const std::string text = integer_range(least, most);
  rules.grammar().spend(static_cast<std::size_t>(std::ranges::count(text, '|')));
  return rules.grammar().text(text);
}

}  // namespace fovea::llama
