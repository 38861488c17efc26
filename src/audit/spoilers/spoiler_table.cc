#include "audit/spoilers/spoiler_table.h"

#include <algorithm>
#include <utility>

#include "audit/spoilers/spoiler_words.h"
#include "trace/mixed_bits.h"

namespace fovea {

namespace {

std::uint64_t row_hash(SpoilerKind kind, std::uint32_t client, std::uint32_t route, std::uint64_t sample) {
  const std::uint64_t who = std::uint64_t{client} << 32 | route;
  return mixed_bits(sample ^ mixed_bits(who ^ mixed_bits(std::to_underlying(kind))));
}

}  // namespace

SpoilerTable::Row& SpoilerTable::row(SpoilerKind kind, const PlacedRequest& placed, const Where& where) {
  std::uint32_t client = placed.client, route = placed.route;
  Where at = where;
  auto found = index_.find(row_hash(kind, client, route, at.sample));
  if (found == index_.end() && rows_.size() >= rows_max) {
    client = route = anybody;
    at = {};
    found = index_.find(row_hash(kind, client, route, at.sample));
  }
  if (found != index_.end()) return rows_[found->second];
  index_.emplace(row_hash(kind, client, route, at.sample), static_cast<std::uint32_t>(rows_.size()));
  return rows_.emplace_back(
      Row{.kind = kind, .client = client, .route = route, .where = at, .first_request = placed.number});
}

void SpoilerTable::add(SpoilerKind kind, const PlacedRequest& placed, const Where& where, const SpoiledWork& lost) {
  Row& one = row(kind, placed, where);
  ++one.requests;
  one.lost.prompt += lost.prompt;
  one.lost.answer_tokens += lost.answer_tokens;
  one.lost.ms += lost.ms;
}

std::vector<Spoiler> SpoilerTable::findings(const RequestPlacer& placer, const ModelCosts& costs,
                                            const TokenFit& fit) const {
  std::vector<Spoiler> spoilers;
  for (const Row& row : rows_) {
    PromptSize text = row.lost.prompt;
    text.picture_tokens = 0;
    const double text_tokens = fit.tokens(text), pictures = row.lost.prompt.picture_tokens;
    Spoiler spoiler{.kind = row.kind,
                    .where = where_of(row.where.role, row.where.message),
                    .first_request = row.first_request,
                    .requests = row.requests,
                    .tokens = text_tokens + pictures + row.lost.answer_tokens,
                    .sure = is_sure(row.kind),
                    .what = what_of(row.kind),
                    .fix = fix_of(row.kind)};
    spoiler.client = row.client == anybody ? Names::others : placer.clients().name(row.client);
    spoiler.route = row.route == anybody ? Names::others : placer.routes().name(row.route);
    const double requests = static_cast<double>(row.requests);
    // As so many prompts of the mean length, since long ones take less for a token than short ones.
    spoiler.ms = requests * costs.prefill_ms(text_tokens / requests, pictures / requests) + row.lost.ms;
    if (row.lost.answer_tokens > 0) spoiler.ms += requests * costs.generate_ms(row.lost.answer_tokens / requests);
    spoilers.push_back(std::move(spoiler));
  }
  std::ranges::stable_sort(spoilers, [](const Spoiler& one, const Spoiler& other) {
    return std::pair(one.ms, one.requests) > std::pair(other.ms, other.requests);
  });
  if (spoilers.size() > listed_max) spoilers.resize(listed_max);
  return spoilers;
}

}  // namespace fovea
