// A bound may be any number of JSON: a fraction, or one beyond what a grammar has digits for. For integers it
// becomes the first or the last whole number that it allows. Other numbers are whole ones in a range, with
// any fraction behind, so their bounds have to be whole.
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

// The bound under `keyword`; null if there is none, or none that is a number.
const Json* bound_at(SchemaRules& rules, const Json& schema, const char* keyword, const std::string& where) {
  const auto found = schema.find(keyword);
  if (found == schema.end()) return nullptr;
  if (found->is_number()) return &*found;
  const std::string place = std::format("{}/{}", where, keyword);
  if (found->is_boolean())
    rules.pass_over(place, "is a bound's mark of old schemas: write the bound itself");
  else
    rules.refuse(Fault::invalid, place, "is no number");
  return nullptr;
}

// The least or the most whole number that a bound allows.
std::optional<std::int64_t> integer_bound(SchemaRules& rules, const Json& schema, const char* keyword, bool is_least,
                                          const std::string& where) {
  const Json* found = bound_at(rules, schema, keyword, where);
  if (found == nullptr) return std::nullopt;
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

// A whole number that numbers reach, or only come near to.
struct Bound {
  std::int64_t whole;
  bool excluded;
};

constexpr double whole_most = 1e15;  // up to it each whole number is a double

// The bound, if there is one and it is whole.
std::optional<Bound> whole_bound(SchemaRules& rules, const Json& schema, const char* keyword,
                                 const std::string& where) {
  const Json* found = bound_at(rules, schema, keyword, where);
  if (found == nullptr) return std::nullopt;
  const auto bound = found->get<double>();
  if (std::trunc(bound) == bound && std::abs(bound) <= whole_most)
    return Bound{static_cast<std::int64_t>(bound), std::string_view(keyword).starts_with("exclusive")};
  rules.pass_over(std::format("{}/{}", where, keyword),
                  std::format("uses '{}' with what is no whole number of 15 digits: leave it out, and check the answer "
                              "for it",
                              keyword));
  return std::nullopt;
}

// The numbers between two that are not negative, as alternatives; empty for none.
std::string between(const Bound& low, const Bound& high) {
  std::string text;
  const auto add = [&text](const std::string& choice) { text += (text.empty() ? "" : " | ") + choice; };
  if (low.whole > high.whole) return text;
  if (low.whole < high.whole && low.excluded) add(std::format(R"("{}" "." [0-9]{{0,16}} [1-9])", low.whole));
  const std::int64_t first = low.whole + (low.excluded ? 1 : 0);
  if (first < high.whole) add(std::format(R"(( {} ) ( "." [0-9]{{1,17}} )?)", integer_range(first, high.whole - 1)));
  if (first <= high.whole && !high.excluded) add(std::format(R"("{}" ( ".0" )?)", high.whole));
  return text;
}

// The numbers between two, as alternatives; empty for none. 0 has no sign.
std::string number_range(const Bound& low, const Bound& high) {
  std::string text;
  if (low.whole < 0) {
    const Bound nearest = high.whole < 0 ? Bound{-high.whole, high.excluded} : Bound{0, true};
    if (const auto negative = between(nearest, {-low.whole, low.excluded}); !negative.empty())
      text = std::format(R"("-" ( {} ))", negative);
  }
  if (high.whole < 0) return text;
  const auto others = between(low.whole < 0 ? Bound{0, false} : low, high);
  return text + (text.empty() || others.empty() ? "" : " | ") + others;
}

}  // namespace

SchemaRules::Id number_rule(SchemaRules& rules, const Json& schema, const std::string& where) {
  constexpr Bound none_below{-integer_most, false}, none_above{integer_most, false};
  Bound low = none_below;
  Bound high = none_above;
  for (const char* keyword : {"minimum", "exclusiveMinimum"}) {
    const auto bound = whole_bound(rules, schema, keyword, where);
    if (bound && bound->whole >= low.whole) low = *bound;
  }
  for (const char* keyword : {"maximum", "exclusiveMaximum"}) {
    const auto bound = whole_bound(rules, schema, keyword, where);
    if (bound && bound->whole <= high.whole) high = *bound;
  }
  if (rules.refusal()) return GbnfRules::value;
  if (low.whole == none_below.whole && high.whole == none_above.whole) return GbnfRules::number;
  const std::string text = number_range(low, high);
  if (text.empty()) return rules.refuse(Fault::invalid, where, "has bounds that no number is between");
  rules.grammar().spend(static_cast<std::size_t>(std::ranges::count(text, '|')));
  return rules.grammar().text(text);
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
