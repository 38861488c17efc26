// A row is known by a hash of what it is about. Sums are of bytes, parts and picture tokens: they become
// tokens and milliseconds at the end, when it is known how this log's tokens are counted.
#include "audit/spoilers/spoiler_table.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>
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
  return rows_.emplace_back(Row{.kind = kind, .client = client, .route = route, .where = at});
}

void SpoilerTable::add(SpoilerKind kind, const PlacedRequest& placed, const Where& where, const SpoiledWork& lost) {
  add(row(kind, placed, where), {.requests = 1, .first_request = placed.number, .lost = lost});
}

void SpoilerTable::add(Row& row, const Row& other) {
  row.first_request = row.requests == 0 ? other.first_request : std::min(row.first_request, other.first_request);
  row.requests += other.requests;
  row.lost.prompt += other.lost.prompt;
  row.lost.answer_tokens += other.lost.answer_tokens;
  row.lost.ms += other.lost.ms;
}

Spoiler SpoilerTable::spoiler_of(const Row& row, const RequestPlacer& placer, const ModelCosts& costs,
                                 const TokenFit& fit) {
  const double text_tokens = fit.text_tokens(row.lost.prompt), pictures = row.lost.prompt.picture_tokens;
  Spoiler spoiler{.kind = row.kind,
                  .where = where_of(row.where.role, row.where.message),
                  .first_request = row.first_request,
                  .requests = row.requests,
                  .tokens = fit.tokens(row.lost.prompt) + row.lost.answer_tokens,
                  .sure = is_sure(row.kind),
                  .what = what_of(row.kind),
                  .fix = fix_of(row.kind)};
  spoiler.client = row.client == anybody ? Names::others : placer.clients().name(row.client);
  spoiler.route = row.route == anybody ? Names::others : placer.routes().name(row.route);
  const double requests = static_cast<double>(row.requests);
  // As so many prompts of the mean length, since long ones take less for a token than short ones.
  spoiler.ms = requests * costs.prefill_ms(text_tokens / requests, pictures / requests) + row.lost.ms;
  if (row.lost.answer_tokens > 0) spoiler.ms += requests * costs.generate_ms(row.lost.answer_tokens / requests);
  return spoiler;
}

std::vector<Spoiler> SpoilerTable::findings(const RequestPlacer& placer, const ModelCosts& costs,
                                            const TokenFit& fit) const {
  const auto worse = [](const Spoiler& one, const Spoiler& other) {
    return std::pair(one.ms, one.requests) > std::pair(other.ms, other.requests);
  };
  std::array<std::vector<std::pair<Spoiler, const Row*>>, spoiler_kinds> kinds;
  for (const Row& row : rows_)
    kinds[std::to_underlying(row.kind)].emplace_back(spoiler_of(row, placer, costs, fit), &row);
  std::vector<std::vector<Spoiler>> told;
  for (auto& of_kind : kinds) {
    std::ranges::stable_sort(of_kind, worse, [](const auto& one) -> const Spoiler& { return one.first; });
    std::vector<Spoiler>& list = told.emplace_back();
    Row others;
    std::size_t merged = 0;
    const Spoiler* last = nullptr;
    for (auto& [spoiler, row] : of_kind) {
      if (list.size() < listed_of_kind_max && row->requests >= requests_min && row->client != anybody) {
        list.push_back(std::move(spoiler));
      } else {
        add(others, *row);
        ++merged;
        last = &spoiler;
      }
    }
    // A single row is told as it is. What a few requests lose nothing by is not told.
    others.kind = of_kind.empty() ? SpoilerKind{} : of_kind.front().second->kind;
    if (merged == 0) continue;
    Spoiler rest = merged == 1 ? *last : spoiler_of(others, placer, costs, fit);
    if (rest.requests >= requests_min || rest.ms > 0) list.push_back(std::move(rest));
  }
  const auto total_ms = [](const std::vector<Spoiler>& list) {
    return std::accumulate(list.begin(), list.end(), 0.0, [](double sum, const Spoiler& one) { return sum + one.ms; });
  };
  std::ranges::stable_sort(told, std::ranges::greater(), total_ms);
  std::vector<Spoiler> spoilers;
  for (auto& list : told) std::ranges::move(list, std::back_inserter(spoilers));
  return spoilers;
}

}  // namespace fovea
