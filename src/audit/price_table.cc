#include "audit/price_table.h"

#include <algorithm>
#include <array>
#include <format>

namespace fovea {

namespace {

// US dollars for a million tokens, without discounts for prompts that the provider had in its own cache.
struct Price {
  std::string_view name;
  double prompt, answer;
  std::string_view source, read;
};

constexpr std::array<Price, 5> prices{{
    {"claude-opus-5", 5, 25, "platform.claude.com/docs/en/about-claude/pricing", "November 2026"},
    {"claude-sonnet-5", 2, 10, "platform.claude.com/docs/en/about-claude/pricing", "October 2026"},
    {"gpt-4.1", 2, 8, "docs.github.com, models and pricing", "November 2026"},
    {"gpt-4o-mini", 0.15, 0.60, "openrouter.ai/openai/gpt-4o-mini", "November 2026"},
    {"gpt-5-mini", 0.25, 2, "docs.github.com, models and pricing", "November 2026"},
}};

}  // namespace

std::optional<AuditPrices> price_of(std::string_view name) {
  const auto price = std::ranges::find(prices, name, &Price::name);
  if (price == prices.end()) return std::nullopt;
  return AuditPrices{.per_million_prompt_tokens = price->prompt,
                     .per_million_answer_tokens = price->answer,
                     .source = std::format("{}: {}, read in {}", price->name, price->source, price->read)};
}

std::string price_names() {
  std::string names;
  for (const Price& price : prices) names += (names.empty() ? "" : ", ") + std::string(price.name);
  return names;
}

}  // namespace fovea
