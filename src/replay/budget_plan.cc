// Budgets are written by hand, so every mistake is refused with an example, and no text can give a number of
// bytes that does not fit: sums of budgets are formed later.
#include "replay/budget_plan.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <format>
#include <functional>
#include <numeric>
#include <ranges>
#include <string>

#include "base/units.h"

namespace fovea {

namespace {

constexpr std::array<std::string_view, trace_levels> level_names{"embedding", "prefix", "response"};
constexpr double percent_max = 100'000;  // a thousand working sets: more is a mistake
constexpr double bytes_most = 0x1p62;    // more than the bytes of any trace; the sum of all levels still fits

}  // namespace

std::uint64_t BudgetPlan::total_bytes() const {
  return std::accumulate(bytes_max.begin(), bytes_max.end(), std::uint64_t{0});
}

Result<std::uint64_t> parse_capacity(std::string_view text, std::uint64_t working_set_bytes) {
  if (!text.ends_with('%')) {
    const auto bytes = parse_bytes(text);
    return bytes ? Result<std::uint64_t>(std::min(*bytes, static_cast<std::uint64_t>(bytes_most))) : bytes;
  }
  const std::string_view digits = text.substr(0, text.size() - 1);
  double percent = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), percent);
  if (error != std::errc{} || end != digits.data() + digits.size() || !(percent > 0 && percent <= percent_max)) {
    return fail(Fault::invalid, std::format("'{}' is not a share of the working set: write 10% or 0.5%", text));
  }
  const double bytes = static_cast<double>(working_set_bytes) * (percent / 100);
  return static_cast<std::uint64_t>(std::llround(std::min(bytes, bytes_most)));
}

Result<BudgetPlan> parse_split(std::string_view text, std::uint64_t working_set_bytes) {
  std::array<std::uint64_t, trace_levels> bytes_max{};
  std::array<bool, trace_levels> named{};
  for (const auto part : std::views::split(text, ',')) {
    const std::string_view pair(part.begin(), part.end());
    const std::string_view name = pair.substr(0, pair.find('='));
    const auto level = static_cast<std::size_t>(std::ranges::find(level_names, name) - level_names.begin());
    if (name.size() == pair.size() || level == level_names.size() || named[level]) {
      return fail(Fault::invalid,
                  std::format("'{}' does not give a level a budget: write embedding=10GiB,response=1GiB", text));
    }
    const auto bytes = parse_capacity(pair.substr(name.size() + 1), working_set_bytes);
    if (!bytes) return std::unexpected(bytes.error());
    bytes_max[level] = *bytes;
    named[level] = true;
  }
  if (std::ranges::none_of(named, std::identity()))
    return fail(Fault::invalid, "no level has a budget: write embedding=10GiB,response=1GiB");
  return BudgetPlan::split(bytes_max);
}

}  // namespace fovea
