// SpoilerTable: what spoiled how much, by kind, client, route and template. Bounded; not thread-safe.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "audit/costs/model_costs.h"
#include "audit/findings.h"
#include "audit/prompts/placed_request.h"
#include "audit/prompts/token_fit.h"

namespace fovea {

// What one request lost.
struct SpoiledWork {
  PromptSize prompt;         // that would have been found
  double answer_tokens = 0;  // likewise
  double ms = 0;             // besides these
};

class SpoilerTable {
 public:
  // More clients than these, times templates, are summed up for each kind.
  static constexpr std::size_t rows_max = 50'000;
  // Of each kind so many rows are told, and the sum of the others.
  static constexpr std::size_t listed_of_kind_max = 5;
  // What one or two requests show may be chance: they are in the sum.
  static constexpr std::uint64_t requests_min = 3;

  // `sample` tells apart what is to be a row of its own: a template. `role` and `message` say where; message
  // -1 is nowhere in particular.
  struct Where {
    std::uint64_t sample = 0;
    PartRole role = PartRole::user;
    std::int32_t message = -1;
  };

  void add(SpoilerKind kind, const PlacedRequest& placed, const Where& where, const SpoiledWork& lost);

  // By kind, the costliest kind first, and in it the costliest row first.
  std::vector<Spoiler> findings(const RequestPlacer& placer, const ModelCosts& costs, const TokenFit& fit) const;

 private:
  static constexpr std::uint32_t anybody = UINT32_MAX;

  struct Row {
    SpoilerKind kind{};
    std::uint32_t client = anybody, route = anybody;
    Where where;
    std::uint64_t requests = 0, first_request = 0;
    SpoiledWork lost;
  };

  static void add(Row& row, const Row& other);
  static Spoiler spoiler_of(const Row& row, const RequestPlacer& placer, const ModelCosts& costs, const TokenFit& fit);

  Row& row(SpoilerKind kind, const PlacedRequest& placed, const Where& where);

  std::vector<Row> rows_;
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> index_;
};

}  // namespace fovea
