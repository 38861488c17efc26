#include "engine/llama/grammar/schema/counts.h"

#include <algorithm>
#include <cmath>
#include <format>

namespace fovea::llama {

using Json = nlohmann::ordered_json;

namespace {

// The library takes less than 2000 and reads more as "any number".
constexpr std::uint64_t repetitions_max = 1000;
constexpr std::uint64_t costly = 8;  // repetitions that cost as much as one alternative

}  // namespace

std::string Counts::times(std::uint64_t fewer) const {
  const auto less = [fewer](std::uint64_t count) { return count - std::min(count, fewer); };
  return most ? std::format("{{{},{}}}", less(least), less(*most)) : std::format("{{{},}}", less(least));
}

Counts counts(SchemaRules& rules, const Json& schema, const char* least, const char* most, const std::string& where) {
  Counts all;
  for (const char* keyword : {least, most}) {
    const auto found = schema.find(keyword);
    if (found == schema.end()) continue;
    const double count = found->is_number() ? found->get<double>() : -1;
    if (count < 0 || std::trunc(count) != count) {
      rules.refuse(Fault::invalid, where + "/" + keyword, "is no whole number from 0 up");
      return {};
    }
    if (count > repetitions_max) {
      if (rules.pass_over(where + "/" + keyword, std::format("is above {}: take less", repetitions_max))) continue;
      return {};
    }
    (keyword == least ? all.least : all.most.emplace()) = static_cast<std::uint64_t>(count);
  }
  if (all.most && *all.most < all.least)
    rules.refuse(Fault::invalid, where, std::format("has {} above {}", least, most));
  rules.grammar().spend(std::max(all.least, all.most.value_or(0)) / costly);
  return all;
}

}  // namespace fovea::llama
